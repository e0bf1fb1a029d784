/**
 * deploy/monitoring/dashboard.json: a Grafana dashboard, from a list of panels.
 *
 * Invariant: every expression uses series of src/report/series.ts only.
 */
type Unit = "short" | "s" | "percentunit" | "reqps" | "bytes" | "none";
type Panel = Readonly<{
  title: string;
  description: string;
  unit: Unit;
  kind: "timeseries" | "stat";
  /** Expression and legend of each line. */
  lines: readonly (readonly [expression: string, legend: string])[];
}>;
type Row = Readonly<{ title: string; panels: readonly Panel[] }>;

const OF_POLICY = '{namespace=~"$namespace",policy=~"$policy"}';

export const ROWS: readonly Row[] = [
  {
    title: "The fleet",
    panels: [
      {
        title: "Policies",
        description: "ScalePolicies that are looked after.",
        unit: "short",
        kind: "stat",
        lines: [["max(horizontal_pod_autoscaler_controller_num_horizontal_pod_autoscalers)", ""]],
      },
      {
        title: "Not ready",
        description: "Policies that do not do what they should.",
        unit: "short",
        kind: "stat",
        lines: [['count(plimsoll_policy_condition{condition="Ready",status="false"}) or vector(0)', ""]],
      },
      {
        title: "At maxReplicas",
        description: "Policies that want as much as they may have.",
        unit: "short",
        kind: "stat",
        lines: [["count(plimsoll_policy_desired_replicas >= plimsoll_policy_max_replicas) or vector(0)", ""]],
      },
      {
        title: "Leader",
        description: "Which replica decides.",
        unit: "none",
        kind: "stat",
        lines: [["sum(plimsoll_leader)", ""]],
      },
      {
        title: "Decisions by verdict",
        description: "Held: a change was wanted and a rail held it.",
        unit: "reqps",
        kind: "timeseries",
        lines: [["sum by (verdict) (rate(plimsoll_decisions_total[$__rate_interval]))", "{{verdict}}"]],
      },
      {
        title: "Rails that moved an answer",
        description: "Where the outcome differs from the HPA's, and why: docs/improvements.md.",
        unit: "reqps",
        kind: "timeseries",
        lines: [["sum by (rail) (rate(plimsoll_rails_moved_total[$__rate_interval]))", "{{rail}}"]],
      },
    ],
  },
  {
    title: "A policy",
    panels: [
      {
        title: "Replicas",
        description: "What there is, what is wanted, and the bounds.",
        unit: "short",
        kind: "timeseries",
        lines: [
          [`plimsoll_policy_current_replicas${OF_POLICY}`, "{{policy}} current"],
          [`plimsoll_policy_desired_replicas${OF_POLICY}`, "{{policy}} desired"],
          [`plimsoll_policy_min_replicas${OF_POLICY}`, "{{policy}} min"],
          [`plimsoll_policy_max_replicas${OF_POLICY}`, "{{policy}} max"],
        ],
      },
      {
        title: "Level and mark",
        description: "Each metric beside its target, in the target's unit.",
        unit: "short",
        kind: "timeseries",
        lines: [
          [`plimsoll_policy_current_metric${OF_POLICY}`, "{{policy}} {{metric_name}} {{container}}"],
          [`plimsoll_policy_target_metric${OF_POLICY}`, "{{policy}} {{metric_name}} {{container}} mark"],
        ],
      },
      {
        title: "Held for",
        description: "How long a change that the metrics ask for has been held.",
        unit: "s",
        kind: "timeseries",
        lines: [[`time() - plimsoll_policy_held_since_seconds${OF_POLICY}`, "{{policy}}"]],
      },
      {
        title: "Conditions",
        description: "Those that are not as they should be.",
        unit: "short",
        kind: "timeseries",
        lines: [
          [
            'plimsoll_policy_condition{namespace=~"$namespace",policy=~"$policy",condition="Ready",status="false"}',
            "{{policy}} not ready",
          ],
        ],
      },
    ],
  },
  {
    title: "Measuring",
    panels: [
      {
        title: "Kubelets that answer",
        description: "Requests to kubelets, by whether they brought an answer.",
        unit: "reqps",
        kind: "timeseries",
        lines: [
          [
            "sum by (success) (rate(metrics_server_kubelet_request_total[$__rate_interval]))",
            "success {{success}}",
          ],
        ],
      },
      {
        title: "A kubelet's answer, 99th percentile",
        description: "From the request to the answer or the failure.",
        unit: "s",
        kind: "timeseries",
        lines: [
          [
            "histogram_quantile(0.99, sum by (le) (rate(metrics_server_kubelet_request_duration_seconds_bucket[$__rate_interval])))",
            "p99",
          ],
        ],
      },
      {
        title: "Samples",
        description: "By what became of them.",
        unit: "reqps",
        kind: "timeseries",
        lines: [["sum by (fate) (rate(plimsoll_scrape_samples_total[$__rate_interval]))", "{{fate}}"]],
      },
      {
        title: "Age of the caches",
        description: "Over 90 s nothing is scaled down.",
        unit: "s",
        kind: "timeseries",
        lines: [["max by (kind) (plimsoll_cache_age_seconds)", "{{kind}}"]],
      },
    ],
  },
  {
    title: "The operator",
    panels: [
      {
        title: "From samples to the written count, 95th percentile",
        description: "Of decisions that were written.",
        unit: "s",
        kind: "timeseries",
        lines: [
          [
            "histogram_quantile(0.95, sum by (le) (rate(plimsoll_samples_to_scale_seconds_bucket[$__rate_interval])))",
            "p95",
          ],
        ],
      },
      {
        title: "Writes",
        description: "To the API server, by what and by its answer.",
        unit: "reqps",
        kind: "timeseries",
        lines: [
          ["sum by (what, outcome) (rate(plimsoll_writes_total[$__rate_interval]))", "{{what}} {{outcome}}"],
        ],
      },
      {
        title: "CPU",
        description: "Cores, by replica.",
        unit: "short",
        kind: "timeseries",
        lines: [
          [
            "rate(process_cpu_seconds_total[$__rate_interval]) and on (instance) plimsoll_build_info",
            "{{instance}}",
          ],
        ],
      },
      {
        title: "Memory",
        description: "Resident, by replica.",
        unit: "bytes",
        kind: "timeseries",
        lines: [["process_resident_memory_bytes and on (instance) plimsoll_build_info", "{{instance}}"]],
      },
    ],
  },
];

const COLUMNS = 24;
const SOURCE = { type: "prometheus", uid: "${datasource}" };

export function renderDashboard(): string {
  const dashboard = {
    title: "Plimsoll",
    uid: "plimsoll",
    tags: ["kubernetes", "autoscaling"],
    editable: true,
    schemaVersion: 39,
    refresh: "30s",
    time: { from: "now-6h", to: "now" },
    templating: {
      list: [
        { name: "datasource", type: "datasource", query: "prometheus", label: "Prometheus" },
        variable("namespace", "label_values(plimsoll_policy_info, namespace)"),
        variable("policy", 'label_values(plimsoll_policy_info{namespace=~"$namespace"}, policy)'),
      ],
    },
    panels: placed(),
  };
  return `${JSON.stringify(dashboard, null, 2)}\n`;
}

const variable = (name: string, query: string) => ({
  name,
  type: "query",
  datasource: SOURCE,
  query: { query, refId: name },
  includeAll: true,
  multi: true,
  refresh: 2,
  current: { text: "All", value: "$__all" },
});

/** Rows from top to bottom; figures four in a line, charts two. */
function placed(): readonly object[] {
  const panels: object[] = [];
  let y = 0;
  let id = 1;
  for (const { title, panels: members } of ROWS) {
    panels.push({
      id: id++,
      type: "row",
      title,
      collapsed: false,
      panels: [],
      gridPos: { x: 0, y, w: COLUMNS, h: 1 },
    });
    y += 1;
    let x = 0;
    for (const panel of members) {
      const [w, h] = panel.kind === "stat" ? [6, 4] : [12, 8];
      panels.push({ id: id++, ...panelOf(panel), gridPos: { x, y, w, h } });
      x += w;
      if (x >= COLUMNS) [x, y] = [0, y + h];
    }
    if (x > 0) y += 8;
  }
  return panels;
}

const panelOf = ({ title, description, unit, kind, lines }: Panel) => ({
  type: kind,
  title,
  description,
  datasource: SOURCE,
  fieldConfig: { defaults: { unit, min: 0 }, overrides: [] },
  targets: lines.map(([expr, legendFormat], at) => ({
    refId: String.fromCharCode("A".charCodeAt(0) + at),
    datasource: SOURCE,
    expr,
    legendFormat,
  })),
});
