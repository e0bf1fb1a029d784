/**
 * Fail-safe rows F01 to F14: what is measured, and what is not.
 *
 * Invariant: missing is never zero; up is allowed on part of the evidence, down on all of it only.
 */
import type { Row } from "./rows.ts";

const TRIAL = "test/trials/fail-safe/metrics.test.ts";
const HOLD = "test/coordinate/rails.hold.test.ts";
const MEASURE = "test/coordinate/rails.measure.test.ts";

export const METRIC_ROWS: readonly Row[] = [
  {
    row: "F01",
    condition: "all metrics are gone",
    does: "replicas stay, and for a whole window after they are back nothing is decreased",
    shows:
      "`ScalingActive=False`, `FailedGetResourceMetric`; afterwards `ScalingLimited=True`, `AfterSilence` or `WindowsIncomplete`",
    own: TRIAL,
    also: [{ file: HOLD, name: "after an outage no decrease is made for one full window" }],
  },
  {
    row: "F02",
    condition: "one of several metrics is gone",
    does: "the others may raise the count, and nothing is decreased",
    shows: "`MissingEvidence`, and a Warning Event that names the metric",
    also: [
      { file: HOLD, name: "F02 any metric without an answer holds a decrease, and lets an increase pass" },
      {
        file: "test/coordinate/make-plan.test.ts",
        name: "on incomplete evidence is never a decrease, but for an order of the bounds or pods that never were",
      },
    ],
  },
  {
    row: "F03",
    condition: "kubelets answer 200 without anything that can be used",
    does: "that counts as no answer, and never as zero usage",
    shows: '`FailedGetResourceMetric`; `plimsoll_scrape_failures_total{cause="no-samples"}`',
    own: TRIAL,
    also: [
      {
        file: "test/scrape/driver.test.ts",
        name: "is also one that answers 200 with nothing in it: $answer",
      },
    ],
  },
  {
    row: "F04",
    condition: "numbers are NaN, infinite, negative or absurd",
    does: "whatever is read, the plan is a whole number within the bounds",
    shows: "`plimsoll_scrape_lines_lost_total`, `plimsoll_usage_clipped_total`",
    own: TRIAL,
    also: [
      {
        file: "test/scrape/decode.fuzz.test.ts",
        name: "arbitrary bytes decode, and no value that comes out is negative, infinite or broken",
      },
      {
        file: "test/horizontal/propose.property.test.ts",
        name: "a proposal is a whole number that fits an int32, and nothing crashes on extremes",
      },
    ],
  },
  {
    row: "F05",
    condition: "containers restart and their counters begin at 0",
    does: "no rate is computed across a restart; the pod is unknown for two samples",
    shows: "the pod is among the missing in the decision's sentence",
    also: [
      {
        file: "test/store/store.test.ts",
        name: "F05 a restart loop every 45 s never gives a negative rate, nor one under the true one",
      },
    ],
  },
  {
    row: "F06",
    condition: "samples come twice or out of order, or two nodes name one pod",
    does: "samples are taken in the order of their stamps, from the pod's own node alone",
    shows: "`plimsoll_scrape_samples_total` by what became of them",
    also: [
      {
        file: "test/store/ring.test.ts",
        name: "F06 an hour of samples, shuffled and doubled, leaves what the sorted hour leaves",
      },
      {
        file: "test/scrape/ingestion.test.ts",
        name: "S04 one by one: a thousand claims to pods of other nodes change nothing and hide nothing",
      },
    ],
  },
  {
    row: "F07",
    condition: "a node's clock is days ahead or an hour behind",
    does: "its samples are refused, and the pods of other nodes decide as before",
    shows: "`plimsoll_kubelet_clock_skew_seconds`; a log line that names the node",
    own: TRIAL,
    also: [{ file: "test/scrape/ingestion.test.ts", name: "as $refusal when $when" }],
  },
  {
    row: "F08",
    condition: "some of the nodes give no answer",
    does: "with over 10 % of its pods missing a workload is not decreased, and with over 30 % of the nodes none is",
    shows: "`MissingEvidence` with pods and nodes, or `BlindCluster`",
    own: TRIAL,
  },
  {
    row: "F09",
    condition: "kubelets repeat old numbers",
    does: "after four periods, a minute at least, they count as missing and nothing is decreased",
    shows: '`MissingEvidence`; `plimsoll_scrape_samples_total{fate="repeated"}`',
    own: TRIAL,
  },
  {
    row: "F10",
    condition: "a target is edited to a number that is wrong by orders of magnitude",
    does: "a step that would more than double or halve the count is published for 15 s before it is made",
    shows:
      "`FirstMoveAnnounced`, with the count it will go to; mend the spec within 15 s and nothing happens. Where `behavior` keeps each step at 2× or less, as by default, there is nothing to announce: it goes up step by step, and `ScaleUpLimit` says where to",
    own: TRIAL,
    also: [{ file: HOLD, name: "what was published is applied after one period, and not before" }],
  },
  {
    row: "F11",
    condition: "one pod of many has no metrics",
    does: "it is taken for full on the way down and for idle on the way up, and turns no change round",
    shows: "the decision's sentence counts it",
    also: [
      {
        file: "test/horizontal/propose.property.test.ts",
        name: "F11 the more pods are missing, the smaller a decrease becomes, and no change turns round",
      },
      { file: HOLD, name: "up to a tenth are imputed as the HPA does" },
    ],
  },
  {
    row: "F12",
    condition: "overload makes every pod unready",
    does: "the count goes up by one step, where the HPA waits for ready pods",
    shows: "rail `one-step-when-all-unready` in the decision",
    also: [{ file: MEASURE, name: "F12 $count pods turned unready under load: → $to" }],
  },
  {
    row: "F13",
    condition: "a rollout is under way",
    does: "surge pods raise nothing and nothing is decreased until it is done",
    shows: "`RolloutInProgress`",
    own: TRIAL,
    also: [{ file: HOLD, name: "$rollout.kind: a decrease to 2 becomes $to" }],
  },
  {
    row: "F14",
    condition: "a new release never becomes ready",
    does: "its pods weigh nothing and replicas stay, for 30 min after the deadline at most",
    shows: "`RolloutStuck`, and a Warning Event",
    own: TRIAL,
    also: [
      {
        file: "test/scenarios/broken-release.scenario",
        name: "A release that never gets ready neither adds pods nor takes any away.",
      },
    ],
  },
];
