/**
 * Every generated file: where it goes and what makes its text. One line each; test/generated.test.ts renders
 * them all again and compares.
 */
import { CHART_FILES } from "./chart/files.ts";
import { crdText } from "./crd.ts";
import { deployManifest } from "./deploy.ts";
import { renderFailSafeDoc } from "./fail-safe-doc.ts";
import { renderFlagsDoc } from "./flags-doc.ts";
import type { GeneratedFile } from "./generated-file.ts";
import { renderImprovementsDoc } from "./improvements-doc.ts";
import { renderIssuesDoc } from "./issues-doc.ts";
import { KUSTOMIZE_FILES } from "./kustomize/files.ts";
import { renderMetricsDoc } from "./metrics-doc.ts";
import { schemaText } from "../src/cli/report/document.ts";
import { renderAlertsDoc } from "./monitoring/alerts-doc.ts";
import { renderAlertCases } from "./monitoring/cases.ts";
import { renderDashboard } from "./monitoring/dashboard.ts";
import { renderAlertRules } from "./monitoring/rules.ts";
import { rbacDoc } from "./rbac-doc.ts";
import { renderReasonsDoc } from "./reasons-doc.ts";

export const GENERATED: readonly GeneratedFile[] = [
  { path: "crds/plimsoll.dev_scalepolicies.yaml", render: crdText },
  { path: "deploy/plimsoll.yaml", render: deployManifest },
  { path: "deploy/monitoring/alerts.yaml", render: renderAlertRules },
  { path: "deploy/monitoring/alerts.test.yaml", render: renderAlertCases },
  { path: "deploy/monitoring/dashboard.json", render: renderDashboard },
  { path: "docs/alerts.md", render: renderAlertsDoc },
  ...CHART_FILES,
  ...KUSTOMIZE_FILES,
  { path: "docs/fail-safe.md", render: renderFailSafeDoc },
  { path: "docs/flags.md", render: renderFlagsDoc },
  { path: "docs/improvements.md", render: renderImprovementsDoc },
  { path: "docs/issues.md", render: renderIssuesDoc },
  { path: "docs/metrics.md", render: renderMetricsDoc },
  { path: "docs/rbac.md", render: rbacDoc },
  { path: "docs/reasons.md", render: renderReasonsDoc },
  { path: "docs/report.schema.json", render: schemaText },
];
