/**
 * What wakes somebody, or waits for the morning: each alert with its expression, what it means and what to do.
 *
 * Invariant: expressions use series of src/report/series.ts only, and every alert has a case in
 * deploy/monitoring/alerts.test.yaml that fires and one that does not.
 */
export type Alert = Readonly<{
  name: string;
  expression: string;
  /** How long it has to hold. */
  lasting: string;
  /** `critical`: nobody is looked after any more. `warning`: somebody should look by day. */
  severity: "critical" | "warning";
  summary: string;
  /** What it means and what to do, for docs/alerts.md and the alert's own description. */
  description: string;
}>;

/** Labels of one policy, in summaries. */
const POLICY = "{{ $labels.namespace }}/{{ $labels.policy }}";

export const ALERTS: readonly Alert[] = [
  {
    name: "PlimsollAbsent",
    expression: "absent(plimsoll_build_info)",
    lasting: "5m",
    severity: "critical",
    summary: "No Plimsoll is scraped",
    description:
      "No replica answers Prometheus. Replica counts stay as they are while none runs. Look at the pods (kubectl -n plimsoll-system get pods) and at Prometheus' right to /metrics (docs/metrics.md).",
  },
  {
    name: "PlimsollNobodyLeads",
    expression: "sum(plimsoll_leader) == 0",
    lasting: "2m",
    severity: "critical",
    summary: "No replica of Plimsoll holds the Lease",
    description:
      "Replicas run and none decides: nothing is scaled. Their logs say why the Lease is not had (rights, the API server, another installation with the same Lease).",
  },
  {
    name: "PlimsollTwoLead",
    expression: "sum(plimsoll_leader) > 1",
    lasting: "1m",
    severity: "critical",
    summary: "More than one replica of Plimsoll decides",
    description:
      "Two replicas believe that they hold the Lease, or two installations are scraped as one job. Writes carry preconditions, so nothing is written twice, but find out which: kubectl -n plimsoll-system get lease plimsoll -o yaml.",
  },
  {
    name: "PlimsollSeesOldCluster",
    expression: "max by (kind) (plimsoll_cache_age_seconds) > 90",
    lasting: "5m",
    severity: "warning",
    summary: "Nothing was heard of {{ $labels.kind }} for {{ $value | humanizeDuration }}",
    description:
      "The API server has told nothing of this kind, so no replica count is lowered. Look at plimsoll_watch_restarts_total and at the API server.",
  },
  {
    name: "PlimsollKubeletsFail",
    expression:
      "sum(rate(plimsoll_scrape_failures_total[10m])) / sum(rate(metrics_server_kubelet_request_total[10m])) > 0.1",
    lasting: "15m",
    severity: "warning",
    summary: "{{ $value | humanizePercentage }} of requests to kubelets bring nothing",
    description:
      "Pods on those nodes have no samples, and workloads that lack more than a tenth of them are not scaled down. plimsoll_scrape_failures_total says the cause; of certificates and firewalls docs/platforms.md speaks.",
  },
  {
    name: "PlimsollNodeClockWrong",
    expression: "max by (node) (plimsoll_kubelet_clock_skew_seconds) > 5",
    lasting: "15m",
    severity: "warning",
    summary: "The clock of node {{ $labels.node }} is {{ $value | humanizeDuration }} ahead",
    description:
      "Its samples are not believed while they come from the future. Mend its time synchronisation.",
  },
  {
    name: "PlimsollWritesRefused",
    expression:
      'sum by (what) (rate(plimsoll_writes_total{outcome!~"written|conflict|absent"}[10m])) / sum by (what) (rate(plimsoll_writes_total[10m])) > 0.2',
    lasting: "15m",
    severity: "warning",
    summary: "{{ $value | humanizePercentage }} of writes of {{ $labels.what }} are refused or do not arrive",
    description:
      "The API server says no, or nothing. The policies' conditions carry its words (AbleToScale=False); rights are in docs/rbac.md.",
  },
  {
    name: "PlimsollDecidesLate",
    expression: "histogram_quantile(0.99, sum by (le) (rate(plimsoll_queue_wait_seconds_bucket[10m]))) > 5",
    lasting: "15m",
    severity: "warning",
    summary: "Policies wait {{ $value | humanizeDuration }} for their turn",
    description:
      "The operator has more to decide than its CPU allows, or waits for a slow API server. Look at its CPU limit and at plimsoll_api_request_duration_seconds.",
  },
  {
    name: "PlimsollPolicyNotReady",
    expression: 'plimsoll_policy_condition{condition="Ready",status="false"} == 1',
    lasting: "15m",
    severity: "warning",
    summary: `ScalePolicy ${POLICY} does not do what it should`,
    description: "kubectl describe sp says the reason; docs/reasons.md says what each means and what to do.",
  },
  {
    name: "PlimsollPolicyAtMax",
    expression: "plimsoll_policy_desired_replicas >= plimsoll_policy_max_replicas",
    lasting: "15m",
    severity: "warning",
    summary: `ScalePolicy ${POLICY} has been at maxReplicas for 15 minutes`,
    description:
      "It may need more than it may have. Compare plimsoll_policy_current_metric with plimsoll_policy_target_metric; raise maxReplicas if the load is meant to be served.",
  },
  {
    name: "PlimsollPolicyHeld",
    expression: "time() - plimsoll_policy_held_since_seconds > 3600",
    lasting: "5m",
    severity: "warning",
    summary: `A change of ScalePolicy ${POLICY} has been held for {{ $value | humanizeDuration }}`,
    description:
      "The metrics ask for another count, and a rail has held it for more than an hour. The policy's last decision says which (docs/improvements.md).",
  },
];
