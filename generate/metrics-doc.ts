/**
 * docs/metrics.md: the series of src/report/series.ts, and what stands in for other components' series.
 */
import { SERIES_GROUPS, type Series } from "../src/report/series.ts";
import { code, markdownTable } from "./markdown.ts";
import { NAME, NAMESPACE } from "./rbac.ts";

/** kube-state-metrics' series of an HPA → ours. */
const KUBE_STATE_METRICS: readonly (readonly [theirs: string, ours: string, difference: string])[] = [
  ["info", "`plimsoll_policy_info`", "`scaletargetref_*` is `target_*`; also `mode`"],
  ["metadata_generation", "`plimsoll_policy_generation`", "the generation that was decided on"],
  ["spec_min_replicas", "`plimsoll_policy_min_replicas`", ""],
  ["spec_max_replicas", "`plimsoll_policy_max_replicas`", ""],
  ["spec_target_metric", "`plimsoll_policy_target_metric`", "also `container`"],
  [
    "status_target_metric",
    "`plimsoll_policy_current_metric`",
    "only in the unit of the target; also `container`; absent while unknown",
  ],
  ["status_current_replicas", "`plimsoll_policy_current_replicas`", ""],
  ["status_desired_replicas", "`plimsoll_policy_desired_replicas`", ""],
  [
    "status_condition",
    "`plimsoll_policy_condition`",
    'only the status that holds, with value 1: ask for `status="false"` instead of comparing with 0; also `condition="Ready"`',
  ],
  ["created, labels, annotations", "none", "kube-state-metrics shows them of any custom resource"],
];

/** kube-state-metrics' series of a VPA (its own until 2.9, custom resource state since) → ours. */
const OF_A_VPA: readonly (readonly [theirs: string, ours: string, difference: string])[] = [
  [
    "status_recommendation_containerrecommendations_target",
    "`plimsoll_policy_recommendation_target`",
    "no `unit`: cpu is in cores, memory in bytes; the target is in `plimsoll_policy_info`",
  ],
  [
    "status_recommendation_containerrecommendations_lowerbound",
    "`plimsoll_policy_recommendation_lower_bound`",
    "as above",
  ],
  [
    "status_recommendation_containerrecommendations_upperbound",
    "`plimsoll_policy_recommendation_upper_bound`",
    "as above",
  ],
  [
    "status_recommendation_containerrecommendations_uncappedtarget",
    "`plimsoll_policy_recommendation_uncapped_target`",
    "as above",
  ],
  ["spec_updatepolicy_updatemode", "none", "requests are only recommended"],
  [
    "spec_resourcepolicy_container_policies_minallowed, …_maxallowed",
    "none",
    "kube-state-metrics shows them of any custom resource",
  ],
];

/** Series of metrics-server and of the HPA's controller that are not kept. */
const NOT_KEPT: readonly (readonly [name: string, why: string])[] = [
  [
    "metrics_server_manager_tick_duration_seconds",
    "there is no tick: each node is asked at its own moment. `/livez/metric-collection-timely` and `plimsoll_scrape_failures_total` tell of late and failing collection",
  ],
  [
    "horizontal_pod_autoscaler_controller_metric_computation_duration_seconds",
    "metrics are in memory: computing one takes microseconds and is part of the reconciliation",
  ],
  ["workqueue_*", "`plimsoll_queue_wait_seconds` is the wait in the queue"],
];

export function renderMetricsDoc(): string {
  return `<!-- Written by \`npm run generate\` from src/report/series.ts. -->

# Metrics

\`GET /metrics\` on the secure port (443 of the Service), in Prometheus' text format, for whom RBAC allows \`get\` on the
path. ClusterRole \`${NAME}-metrics-reader\` does; bind it to Prometheus' ServiceAccount. From a terminal, with a right to
make tokens:

    kubectl create clusterrolebinding reads-plimsoll --clusterrole=${NAME}-metrics-reader --serviceaccount=default:default
    kubectl -n ${NAMESPACE} port-forward svc/${NAME} 8443:443 &
    curl -sk -H "Authorization: Bearer $(kubectl create token default)" https://localhost:8443/metrics

All replicas scrape and answer; only the leader decides, so the series of decisions and policies are the leader's
(\`plimsoll_leader == 1\`).

Names of metrics-server and of the HPA's controller are kept where they mean the same; \`hpa_name\` is then the policy's
name. A gauge of something that is not known is absent, never 0, and the series of a node or policy that is gone go with it.

${SERIES_GROUPS.map(({ title, series }) => `## ${title}\n\n${seriesTable(series)}`).join("\n\n")}

The Prometheus client adds \`process_*\` (CPU, resident memory, open files) and \`nodejs_*\` (heap, garbage collection,
event-loop delay: \`nodejs_eventloop_lag_p99_seconds\`).

## Instead of kube-state-metrics' HPA series

Replace \`kube_horizontalpodautoscaler_\` and the label \`horizontalpodautoscaler\` (here \`policy\`):

${markdownTable(
  ["kube_horizontalpodautoscaler_…", "here", "difference"],
  KUBE_STATE_METRICS.map(([theirs, ours, difference]) => [code(theirs), ours, difference]),
)}

For example, the alert for an autoscaler that has been at its maximum for a while:

    plimsoll_policy_current_replicas == plimsoll_policy_max_replicas
      and plimsoll_policy_min_replicas != plimsoll_policy_max_replicas

## Instead of kube-state-metrics' VPA series

The VPA itself exports no recommendation. Replace \`kube_verticalpodautoscaler_\` and the label \`verticalpodautoscaler\`
(here \`policy\`):

${markdownTable(
  ["kube_verticalpodautoscaler_…", "here", "difference"],
  OF_A_VPA.map(([theirs, ours, difference]) => [code(theirs), ours, difference]),
)}

For example, what each policy's containers ask for beyond their target, in cores:

    sum by (namespace, policy) (
      plimsoll_policy_recommendation_base{resource="cpu"} - plimsoll_policy_recommendation_target{resource="cpu"}
    )

## Not kept

${markdownTable(
  ["upstream", "why"],
  NOT_KEPT.map(([name, why]) => [code(name), why]),
)}
`;
}

const seriesTable = (series: readonly Series[]): string =>
  markdownTable(
    ["series", "type", "labels", "what"],
    series.map(({ name, type, labels, help }) => [code(name), type, labels.map(code).join(", "), help]),
  );
