/**
 * docs/alerts.md: the runbook, one section for each alert.
 */
import { ALERTS } from "./alert.ts";

export const renderAlertsDoc =
  (): string => `<!-- Written by \`npm run generate\` from generate/monitoring/alert.ts. -->

# Alerts

[deploy/monitoring/alerts.yaml](../deploy/monitoring/alerts.yaml) is a rule file for Prometheus: add it to \`rule_files\`, or
put its \`groups\` into a PrometheusRule. [deploy/monitoring/dashboard.json](../deploy/monitoring/dashboard.json) is a
dashboard for Grafana. Both use series of [metrics.md](metrics.md) alone.

While no Plimsoll runs, replicas stay as they are: the three critical alerts mean "nothing is scaled any more", not "it is
scaled wrongly".
${ALERTS.map(section).join("")}`;

const section = ({ name, expression, lasting, severity, description }: (typeof ALERTS)[number]): string => `
## ${name}

${severity}, after ${lasting}

    ${expression}

${description}
`;
