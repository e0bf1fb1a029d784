/**
 * When each alert fires and when it does not: the cases of deploy/monitoring/alerts.test.yaml, for promtool.
 *
 * Invariant: what is expected of an alert's texts is what alert.ts says, with the values of the case in its summary.
 */
import { stringify } from "yaml";
import { must } from "../../src/base/assert.ts";
import { ALERTS } from "./alert.ts";

export type AlertCase = Readonly<{
  name: string;
  /** One value a minute, in promtool's notation. */
  series: Readonly<Record<string, string>>;
  /** Alerts that do not fire, and when that is looked at. */
  silent: readonly (readonly [alert: string, at: string])[];
  firing: readonly Readonly<{
    alert: string;
    at: string;
    labels: Readonly<Record<string, string>>;
    summary: string;
  }>[];
}>;

export const CASES: readonly AlertCase[] = [
  {
    name: "nothing is scraped",
    series: {},
    silent: [["PlimsollAbsent", "4m"]],
    firing: [{ alert: "PlimsollAbsent", at: "6m", labels: {}, summary: "No Plimsoll is scraped" }],
  },
  {
    name: "two replicas, one of them leads, and all is well",
    series: {
      'plimsoll_build_info{instance="a"}': "1x120",
      'plimsoll_build_info{instance="b"}': "1x120",
      'plimsoll_leader{instance="a"}': "1x120",
      'plimsoll_leader{instance="b"}': "0x120",
      'plimsoll_cache_age_seconds{instance="a",kind="pods"}': "30x120",
      'plimsoll_scrape_failures_total{instance="a",cause="timeout"}': "0+1x120",
      'metrics_server_kubelet_request_total{instance="a",success="true"}': "0+80x120",
      'plimsoll_kubelet_clock_skew_seconds{instance="a",node="n1"}': "-12x120",
      'plimsoll_writes_total{instance="a",what="status",outcome="written"}': "0+60x120",
      'plimsoll_writes_total{instance="a",what="status",outcome="refused"}': "0+1x120",
      'plimsoll_queue_wait_seconds_bucket{instance="a",le="0.1"}': "0+60x120",
      'plimsoll_queue_wait_seconds_bucket{instance="a",le="10"}': "0+60x120",
      'plimsoll_queue_wait_seconds_bucket{instance="a",le="+Inf"}': "0+60x120",
      'plimsoll_policy_condition{namespace="shop",policy="web",condition="Ready",status="true"}': "1x120",
      'plimsoll_policy_desired_replicas{namespace="shop",policy="web"}': "4x120",
      'plimsoll_policy_max_replicas{namespace="shop",policy="web"}': "20x120",
      'plimsoll_policy_held_since_seconds{namespace="shop",policy="web"}': "5400x120",
    },
    silent: [
      ["PlimsollAbsent", "90m"],
      ["PlimsollNobodyLeads", "90m"],
      ["PlimsollTwoLead", "90m"],
      ["PlimsollSeesOldCluster", "90m"],
      ["PlimsollKubeletsFail", "90m"],
      ["PlimsollNodeClockWrong", "90m"],
      ["PlimsollWritesRefused", "90m"],
      ["PlimsollDecidesLate", "90m"],
      ["PlimsollPolicyNotReady", "90m"],
      ["PlimsollPolicyAtMax", "90m"],
      ["PlimsollPolicyHeld", "90m"],
    ],
    firing: [],
  },
  {
    name: "a handover takes a minute and is no alert; a lost Lease is one",
    series: { 'plimsoll_leader{instance="a"}': "1 1 0 1 1 1 0x20", 'plimsoll_leader{instance="b"}': "0x30" },
    silent: [["PlimsollNobodyLeads", "3m"]],
    firing: [
      {
        alert: "PlimsollNobodyLeads",
        at: "9m",
        labels: {},
        summary: "No replica of Plimsoll holds the Lease",
      },
    ],
  },
  {
    name: "two lead",
    series: { 'plimsoll_leader{instance="a"}': "1x20", 'plimsoll_leader{instance="b"}': "0 0 0 1x20" },
    silent: [],
    firing: [
      {
        alert: "PlimsollTwoLead",
        at: "6m",
        labels: {},
        summary: "More than one replica of Plimsoll decides",
      },
    ],
  },
  {
    name: "everything else goes wrong at once",
    series: {
      'plimsoll_cache_age_seconds{instance="a",kind="pods"}': "0+60x120",
      'plimsoll_scrape_failures_total{instance="a",cause="timeout"}': "0+20x120",
      'metrics_server_kubelet_request_total{instance="a",success="true"}': "0+60x120",
      'metrics_server_kubelet_request_total{instance="a",success="false"}': "0+20x120",
      'plimsoll_kubelet_clock_skew_seconds{instance="a",node="n1"}': "300x120",
      'plimsoll_writes_total{instance="a",what="scale",outcome="written"}': "0+1x120",
      'plimsoll_writes_total{instance="a",what="scale",outcome="refused"}': "0+1x120",
      'plimsoll_queue_wait_seconds_bucket{instance="a",le="1"}': "0x120",
      'plimsoll_queue_wait_seconds_bucket{instance="a",le="10"}': "0+60x120",
      'plimsoll_queue_wait_seconds_bucket{instance="a",le="+Inf"}': "0+60x120",
      'plimsoll_policy_condition{namespace="shop",policy="web",condition="Ready",status="false"}': "1x120",
      'plimsoll_policy_desired_replicas{namespace="shop",policy="web"}': "20x120",
      'plimsoll_policy_max_replicas{namespace="shop",policy="web"}': "20x120",
      'plimsoll_policy_held_since_seconds{namespace="shop",policy="web"}': "0x120",
    },
    silent: [],
    firing: [
      {
        alert: "PlimsollSeesOldCluster",
        at: "30m",
        labels: { kind: "pods" },
        summary: "Nothing was heard of pods for 30m 0s",
      },
      {
        alert: "PlimsollKubeletsFail",
        at: "60m",
        labels: {},
        summary: "25% of requests to kubelets bring nothing",
      },
      {
        alert: "PlimsollNodeClockWrong",
        at: "60m",
        labels: { node: "n1" },
        summary: "The clock of node n1 is 5m 0s ahead",
      },
      {
        alert: "PlimsollWritesRefused",
        at: "60m",
        labels: { what: "scale" },
        summary: "50% of writes of scale are refused or do not arrive",
      },
      { alert: "PlimsollDecidesLate", at: "60m", labels: {}, summary: "Policies wait 9.91s for their turn" },
      {
        alert: "PlimsollPolicyNotReady",
        at: "60m",
        labels: { namespace: "shop", policy: "web", condition: "Ready", status: "false" },
        summary: "ScalePolicy shop/web does not do what it should",
      },
      {
        alert: "PlimsollPolicyAtMax",
        at: "60m",
        labels: { namespace: "shop", policy: "web" },
        summary: "ScalePolicy shop/web has been at maxReplicas for 15 minutes",
      },
      {
        alert: "PlimsollPolicyHeld",
        at: "90m",
        labels: { namespace: "shop", policy: "web" },
        summary: "A change of ScalePolicy shop/web has been held for 1h 30m 0s",
      },
    ],
  },
];

export function renderAlertCases(): string {
  const tests = CASES.map(({ name, series, silent, firing }) => ({
    name,
    interval: "1m",
    input_series: Object.entries(series).map(([one, values]) => ({ series: one, values })),
    alert_rule_test: [
      ...silent.map(([alertname, at]) => ({ alertname, eval_time: at })),
      ...firing.map(expectedOf),
    ],
  }));
  return (
    "# Written by `npm run generate` from generate/monitoring/cases.ts: promtool test rules alerts.test.yaml\n" +
    stringify({ rule_files: ["alerts.yaml"], evaluation_interval: "1m", tests }, { lineWidth: 0 })
  );
}

function expectedOf({ alert, at, labels, summary }: AlertCase["firing"][number]): object {
  const { severity, description } = must(
    ALERTS.find(({ name }) => name === alert),
    `${alert} is an alert`,
  );
  const exp_annotations = { summary, description, runbook: `docs/alerts.md#${alert.toLowerCase()}` };
  return {
    alertname: alert,
    eval_time: at,
    exp_alerts: [{ exp_labels: { severity, ...labels }, exp_annotations }],
  };
}
