/**
 * Fail-safe rows F51 to F57, and those that wait for capabilities that do not exist yet.
 *
 * Invariant: a row that cannot happen yet says what it needs.
 */
import type { Row } from "./rows.ts";

const TRIAL = "test/trials/fail-safe/platform.test.ts";
const CREDENTIALS = "test/real/apiserver/connection/credentials.test.ts";
const NEEDS_VERTICAL = "needs vertical actuation";
const REPLICAS = "test/cluster/metrics-api.replicas.test.ts";
const ANSWERS = "test/serve/metrics-api/answer.test.ts";

export const PLATFORM_ROWS: readonly Row[] = [
  {
    row: "F37",
    condition: "horizontal and vertical follow one resource",
    does: "its request is recommended, with the pair to write by hand, and not applied",
    shows: "`ApplyModeOff` or `NeedsCoordination`; `status.vertical.recommendation.targets`",
    also: [
      {
        file: "test/reconcile/vertical/applying.test.ts",
        name: "F37 of a followed resource is not applied in mode %s either",
      },
      {
        file: "test/report/vertical/pair.test.ts",
        name: "both halves of a pair hold nearly the usage that the target held, and more is seen before the request is full",
      },
    ],
    notYet: `one plan for both axes: ${NEEDS_VERTICAL}`,
  },
  {
    row: "F48",
    condition: "a container is killed for want of memory",
    does: "the recommendation is raised within ten seconds, and once for each kill",
    shows: "`status.vertical`; `plimsoll_oom_kills_total`",
    own: "test/reconcile/vertical/oom.test.ts",
    also: [
      {
        file: "test/reconcile/vertical/history-driver.test.ts",
        name: "counts although it was never seen running, and makes its workload known",
      },
    ],
    notYet: `raising what runs: ${NEEDS_VERTICAL}`,
  },
  {
    row: "F51",
    condition: "there are twice as many policies and pods",
    does: "the work for each stays what it was: a policy costs its own pods, not the cluster's",
    shows: "`plimsoll_queue_wait_seconds`; docs/benchmarks.md",
    own: TRIAL,
    also: [
      {
        file: "test/view/cluster.test.ts",
        name: "lookups hold what a search through the whole cache finds, after any history",
      },
    ],
  },
  {
    row: "F52",
    condition: "after a long outage every policy wants to decrease at once",
    does: "the first rounds only raise, writes are paced, and a fifth of the replicas go in 10 min at most",
    shows: "`AfterSilence`, `ClusterBrake`",
    own: TRIAL,
    also: [
      {
        file: "test/actuate/write-pace.test.ts",
        name: "lets a thousand decreases through at no more than 20 a second, one after the other",
      },
      {
        file: "test/sim/evidence.test.ts",
        name: "60 policies that fall at once with an API server %d ms away do not overrun the cluster brake",
      },
    ],
  },
  {
    row: "F53",
    condition: "a bad signal raises all policies at once",
    does: "each may double once; beyond that half as many replicas again may come in 10 min",
    shows: "`ClusterBrake` on all, and a Warning Event; one flag lifts it",
    own: TRIAL,
    also: [{ file: "test/coordinate/rails.limit.test.ts", name: "increase, $what: 20 → $to" }],
  },
  {
    row: "F54",
    condition: "certificates and authorities rotate",
    does: "new ones are taken from disk without a restart, and requests on old ones are finished",
    shows: "nothing, or a log line that says which file cannot be read",
    also: [
      {
        file: CREDENTIALS,
        name: "F54 a certificate authority that rotates on disk is trusted without a restart",
      },
      {
        file: CREDENTIALS,
        name: "a request that is under way on old certificates is not cut off by new ones",
      },
      {
        file: REPLICAS,
        name: "not one request fails while the authority changes and both replicas are replaced",
      },
      {
        file: REPLICAS,
        name: "a front proxy of a new authority is believed as soon as the API server's ConfigMap names it",
      },
    ],
  },
  {
    row: "F55",
    condition: "the operator is told to end",
    does: "it starts no further round, keeps what was written in the status, and lets the Lease go last",
    shows: "the next leader's log, within seconds",
    also: [
      {
        file: "test/sim/terms.test.ts",
        name: "F55 told to end among many decreases, every one that was written is remembered, and none is repeated",
      },
      {
        file: "test/reconcile/election.test.ts",
        name: "a standby follows a leader that lets go within a second",
      },
    ],
  },
  {
    row: "F56",
    condition: "v1 and v1beta1 of metrics.k8s.io are asked for",
    does: "both are served, of the same figures, under an APIService each",
    shows: "`kubectl get apiservices`, `plimsoll_metrics_api_registered`",
    also: [
      { file: "test/cluster/metrics-api.test.ts", name: "F56 finds both versions, and each answers" },
      { file: ANSWERS, name: "F56 is the same bytes in both versions but for the version's name" },
    ],
  },
  {
    row: "F57",
    condition: "there are no metrics, or our API is down",
    does: "readiness depends on caches alone, so that missing metrics never make the pods unready",
    shows: "/livez says whether metrics are collected in time; /readyz is not touched by it",
    also: [
      { file: "test/serve/checks.test.ts", name: "F57 readiness when $when fails $fails" },
      { file: ANSWERS, name: "$when: 503, and when to come back" },
      {
        file: "test/cluster/metrics-api.test.ts",
        name: "namespaces end although there is not one figure: discovery needs none",
      },
    ],
  },
];

const later = (row: string, condition: string, notYet: string): Row => ({
  row,
  condition,
  does: "nothing yet",
  shows: "",
  notYet,
});

export const LATER_ROWS: readonly Row[] = [
  later("F43", "values at admission are overridden or the webhook is down", NEEDS_VERTICAL),
  later("F44", "a disruption budget blocks an eviction", NEEDS_VERTICAL),
  later("F45", "a resize is deferred", NEEDS_VERTICAL),
  later("F46", "a resize is infeasible or stuck", NEEDS_VERTICAL),
  later("F47", "memory is to be decreased", NEEDS_VERTICAL),
  later("F49", "a change would alter the QoS class", NEEDS_VERTICAL),
  later("F50", "a recommendation fits on no node", NEEDS_VERTICAL),
];
