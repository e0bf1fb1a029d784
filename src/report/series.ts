/**
 * Every series of `/metrics` that is ours: its name, what it counts, its labels. docs/metrics.md is generated
 * from it. Names of metrics-server and of the HPA's controller are kept where they mean the same here.
 *
 * Invariant: what a room counts has a row, and a row is counted by some room (a test greps for both).
 */
export type Series = Readonly<{
  name: string;
  type: "counter" | "gauge" | "histogram";
  help: string;
  labels: readonly string[];
  /** Of a histogram: upper bounds in seconds. */
  buckets?: readonly number[];
}>;

/** The Prometheus client's default, from 5 ms to 10 s. */
const LATENCY = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
/** The HPA controller's: 1 ms, doubled 14 times, to 16.4 s. */
const RECONCILIATION = Array.from({ length: 15 }, (_, index) => 0.001 * 2 ** index);

const POLICY = ["namespace", "policy"];

const scraping: readonly Series[] = [
  {
    name: "metrics_server_kubelet_request_duration_seconds",
    type: "histogram",
    help: "How long a kubelet took to answer, or to fail.",
    labels: ["node"],
    buckets: LATENCY,
  },
  {
    name: "metrics_server_kubelet_request_total",
    type: "counter",
    help: "Requests to kubelets, by whether they brought an answer (true, false).",
    labels: ["success"],
  },
  {
    name: "metrics_server_kubelet_last_request_time_seconds",
    type: "gauge",
    help: "Unix time of the last request to a node's kubelet, also of one that failed.",
    labels: ["node"],
  },
  {
    name: "metrics_server_storage_points",
    type: "gauge",
    help: "Nodes and containers (type: node, container) whose usage is known.",
    labels: ["type"],
  },
  {
    name: "plimsoll_scrape_failures_total",
    type: "counter",
    help: "Requests to kubelets that brought nothing usable, by cause.",
    labels: ["cause"],
  },
  {
    name: "plimsoll_scrape_samples_total",
    type: "counter",
    help: "Samples by what became of them: stored, repeated (the kubelet has not measured again), or why not.",
    labels: ["fate"],
  },
  {
    name: "plimsoll_scrape_lines_lost_total",
    type: "counter",
    help: "Lines of answers that were skipped: malformed, or unlabelled. The rest of the answer counts.",
    labels: ["reason"],
  },
  {
    name: "plimsoll_kubelet_clock_skew_seconds",
    type: "gauge",
    help: "The newest stamp of a node's answer less our clock: about 0, or as negative as its numbers are old.",
    labels: ["node"],
  },
];

/** metrics-server's: from 1 s, each 1.364 times the one before, to about 364 s. */
const FRESHNESS = Array.from({ length: 20 }, (_, index) => 1.364 ** index);

const serving: readonly Series[] = [
  {
    name: "metrics_server_api_metric_freshness_seconds",
    type: "histogram",
    help: "Age of the metrics of nodes and pods when they are served.",
    labels: [],
    buckets: FRESHNESS,
  },
  {
    name: "plimsoll_api_requests_total",
    type: "counter",
    help: "Requests to the secure port, by resource (nodes, pods, other), verb (get, list, other) and status code.",
    labels: ["resource", "verb", "code"],
  },
  {
    name: "plimsoll_api_request_duration_seconds",
    type: "histogram",
    help: "From a request's arrival to its answer, before that is sent: who asks, whether they may, and what is there.",
    labels: ["resource", "verb"],
    buckets: LATENCY,
  },
  {
    name: "plimsoll_metrics_api_registered",
    type: "gauge",
    help: "Whether the cluster's metrics API is served from here (1), or left to another server or off (0).",
    labels: [],
  },
];

const cluster: readonly Series[] = [
  {
    name: "plimsoll_cache_age_seconds",
    type: "gauge",
    help: "Time since the API server was last heard on a kind: an event, a bookmark or a listing.",
    labels: ["kind"],
  },
  {
    name: "plimsoll_cache_objects",
    type: "gauge",
    help: "Objects of a kind in the cache.",
    labels: ["kind"],
  },
  {
    name: "plimsoll_watch_restarts_total",
    type: "counter",
    help: "Watches or listings that ended otherwise than they should, by what went wrong.",
    labels: ["kind", "problem"],
  },
  {
    name: "plimsoll_watch_lost_objects_total",
    type: "counter",
    help: "Objects that could not be read and were left out of the cache.",
    labels: ["kind"],
  },
];

const deciding: readonly Series[] = [
  {
    name: "horizontal_pod_autoscaler_controller_reconciliations_total",
    type: "counter",
    help: "Decisions, by what was done (scale_up, scale_down, none) and the error (spec, internal, none).",
    labels: ["action", "error"],
  },
  {
    name: "horizontal_pod_autoscaler_controller_reconciliation_duration_seconds",
    type: "histogram",
    help: "From taking a policy up to the end of its round, requests included.",
    labels: ["action", "error"],
    buckets: RECONCILIATION,
  },
  {
    name: "horizontal_pod_autoscaler_controller_metric_computation_total",
    type: "counter",
    help: "Metrics that were evaluated, by the direction each asked for alone.",
    labels: ["action", "error", "metric_type"],
  },
  {
    name: "horizontal_pod_autoscaler_controller_num_horizontal_pod_autoscalers",
    type: "gauge",
    help: "ScalePolicies that this operator looks after.",
    labels: [],
  },
  {
    name: "horizontal_pod_autoscaler_controller_desired_replicas",
    type: "gauge",
    help: "The replica count that a policy wants; hpa_name is the policy's name.",
    labels: ["namespace", "hpa_name"],
  },
  {
    name: "plimsoll_decisions_total",
    type: "counter",
    help: "Decisions by verdict: scaled-up, scaled-down, unchanged, held, no-metrics, withheld, not-written, not-decided.",
    labels: ["verdict"],
  },
  {
    name: "plimsoll_usage_clipped_total",
    type: "counter",
    help: "Pods, once for each decision, whose kubelet reported more usage than their node has: they counted with all that the node has.",
    labels: [],
  },
  {
    name: "plimsoll_rails_moved_total",
    type: "counter",
    help: "Decisions whose replica count a rail moved.",
    labels: ["rail"],
  },
  {
    name: "plimsoll_queue_wait_seconds",
    type: "histogram",
    help: "How long a policy that was due waited for its turn.",
    labels: [],
    buckets: LATENCY,
  },
  {
    name: "plimsoll_samples_to_scale_seconds",
    type: "histogram",
    help: "From storing the samples that made a policy due to the API server's yes to the new replica count.",
    labels: [],
    buckets: LATENCY,
  },
  {
    name: "plimsoll_writes_total",
    type: "counter",
    help: "Writes to the API server by what was written (scale, status, event, lease) and the answer.",
    labels: ["what", "outcome"],
  },
  {
    name: "plimsoll_events_dropped_total",
    type: "counter",
    help: "Events that were not sent, because too many waited or their limit was reached.",
    labels: [],
  },
];

const policies: readonly Series[] = [
  {
    name: "plimsoll_policy_info",
    type: "gauge",
    help: "Always 1: a policy's target and mode.",
    labels: [...POLICY, "target_api_version", "target_kind", "target_name", "mode"],
  },
  {
    name: "plimsoll_policy_generation",
    type: "gauge",
    help: "metadata.generation of the policy that was decided on.",
    labels: POLICY,
  },
  {
    name: "plimsoll_policy_min_replicas",
    type: "gauge",
    help: "spec.horizontal.minReplicas.",
    labels: POLICY,
  },
  {
    name: "plimsoll_policy_max_replicas",
    type: "gauge",
    help: "spec.horizontal.maxReplicas.",
    labels: POLICY,
  },
  {
    name: "plimsoll_policy_current_replicas",
    type: "gauge",
    help: "The target's spec.replicas that the last decision started from.",
    labels: POLICY,
  },
  {
    name: "plimsoll_policy_desired_replicas",
    type: "gauge",
    help: "The replica count that the last decision wants.",
    labels: POLICY,
  },
  {
    name: "plimsoll_policy_condition",
    type: "gauge",
    help: "Always 1: the status (true, false, unknown) that a condition has.",
    labels: [...POLICY, "condition", "status"],
  },
  {
    name: "plimsoll_policy_target_metric",
    type: "gauge",
    help: "What a metric should be: percent of the request (utilization), or cores or bytes per pod (average).",
    labels: [...POLICY, "metric_name", "container", "metric_target_type"],
  },
  {
    name: "plimsoll_policy_current_metric",
    type: "gauge",
    help: "What a metric is, in the unit of its target; absent while it is not known.",
    labels: [...POLICY, "metric_name", "container", "metric_target_type"],
  },
  {
    name: "plimsoll_policy_held_since_seconds",
    type: "gauge",
    help: "Unix time since when a change that the metrics ask for has been held; absent while none is.",
    labels: POLICY,
  },
];

const RECOMMENDED = [...POLICY, "container", "resource"];

const requests: readonly Series[] = [
  {
    name: "plimsoll_policy_recommendation_target",
    type: "gauge",
    help: "The request that is recommended for a container, in cores or bytes; absent while there is none.",
    labels: RECOMMENDED,
  },
  {
    name: "plimsoll_policy_recommendation_lower_bound",
    type: "gauge",
    help: "Below this request the container likely has too little.",
    labels: RECOMMENDED,
  },
  {
    name: "plimsoll_policy_recommendation_upper_bound",
    type: "gauge",
    help: "Above this request what the container has is likely wasted.",
    labels: RECOMMENDED,
  },
  {
    name: "plimsoll_policy_recommendation_uncapped_target",
    type: "gauge",
    help: "The target before minAllowed and maxAllowed.",
    labels: RECOMMENDED,
  },
  {
    name: "plimsoll_policy_recommendation_base",
    type: "gauge",
    help: "The request that the target is compared with; absent where none is set.",
    labels: RECOMMENDED,
  },
  {
    name: "plimsoll_policy_recommendation_confidence_days",
    type: "gauge",
    help: "Days of history behind it; from 1 on the condition LowConfidence is False.",
    labels: [...POLICY, "container"],
  },
  {
    name: "plimsoll_history_workloads",
    type: "gauge",
    help: "Workloads, with a policy or without, whose usage is remembered.",
    labels: [],
  },
  {
    name: "plimsoll_oom_kills_total",
    type: "counter",
    help: "Containers seen killed for want of memory; each raises its workload's memory history.",
    labels: [],
  },
];

const operator: readonly Series[] = [
  {
    name: "plimsoll_leader",
    type: "gauge",
    help: "1 while this replica holds the Lease and decides, otherwise 0.",
    labels: [],
  },
  {
    name: "plimsoll_build_info",
    type: "gauge",
    help: "Always 1: the version of this operator.",
    labels: ["version"],
  },
];

/** In the order of the documentation. */
export const SERIES_GROUPS: readonly Readonly<{ title: string; series: readonly Series[] }>[] = [
  { title: "Scraping", series: scraping },
  { title: "Serving", series: serving },
  { title: "Caches", series: cluster },
  { title: "Deciding and acting", series: deciding },
  { title: "Each policy", series: policies },
  { title: "Requests", series: requests },
  { title: "This operator", series: operator },
];

export const SERIES: readonly Series[] = SERIES_GROUPS.flatMap(({ series }) => series);
