/**
 * deploy/monitoring/alerts.yaml: a rule file as Prometheus loads it.
 */
import { stringify } from "yaml";
import { ALERTS } from "./alert.ts";

export function renderAlertRules(): string {
  const rules = ALERTS.map(({ name, expression, lasting, severity, summary, description }) => ({
    alert: name,
    expr: expression,
    for: lasting,
    labels: { severity },
    annotations: { summary, description, runbook: `docs/alerts.md#${name.toLowerCase()}` },
  }));
  return (
    "# Written by `npm run generate` from generate/monitoring/alert.ts. What each means: docs/alerts.md.\n" +
    stringify({ groups: [{ name: "plimsoll", rules }] }, { lineWidth: 0 })
  );
}
