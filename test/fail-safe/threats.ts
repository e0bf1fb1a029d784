/**
 * Threats by their numbers, as far as what they attack exists: who tries what, what comes of it, and the tests.
 *
 * Invariant: as for the fail-safe rows (rows.ts).
 */
import type { Row } from "./rows.ts";

const unit = (name: string): string => `test/threats/${name}.test.ts`;
const CLUSTER = "test/cluster/threats.test.ts";
const PODS = "test/cluster/threats-pods.test.ts";
const AUTHOR = "test/cluster/author-policy.test.ts";
const KUBELET = "test/real/kubelet/kubelet-source.test.ts";
const TRIAL = "test/trials/fail-safe/threats.test.ts";
const SERVING = "test/serve/secure/serving.test.ts";
const RIGHTS = "test/cluster/metrics-api.rights.test.ts";
const FAULTS = "test/cluster/metrics-api.faults.test.ts";

export const THREATS: readonly Row[] = [
  {
    row: "S01",
    condition: "a policy's names lead to another namespace",
    does: "it is refused, or finds nothing in its own namespace; no request leaves that",
    shows: "422, or `FailedGetScale`",
    own: CLUSTER,
    also: [
      {
        file: "test/real/apiserver/scale.test.ts",
        name: "no name leads out of its place: $name $apiVersion",
      },
    ],
  },
  {
    row: "S02",
    condition: "someone who may not scale a workload writes a policy for it",
    does: "admission refuses, and names the right that is lacking",
    shows: "403 to whoever writes it",
    own: AUTHOR,
    also: [
      { file: AUTHOR, name: "S02 is refused to someone who may not, and the message names the right" },
      { file: AUTHOR, name: "is allowed to someone who may scale the target" },
    ],
  },
  {
    row: "S03",
    condition: "a policy is to scale the cluster's own workloads, or the operator",
    does: "admission refuses policies in kube-system and in the operator's namespace",
    shows: "403 to whoever writes it; docs/rbac.md has the list",
    own: CLUSTER,
  },
  {
    row: "S04",
    condition: "a kubelet reports the pods of other nodes",
    does: "none of them is believed, and they hide nothing",
    shows:
      '`ForeignPods`, a Warning Event about the node once it has lasted a minute; `plimsoll_scrape_samples_total{fate="foreign-pod"}`; a log line that names the node',
    own: TRIAL,
    also: [
      {
        file: "test/scrape/ingestion.test.ts",
        name: "S04 one by one: a thousand claims to pods of other nodes change nothing and hide nothing",
      },
      {
        file: "test/scrape/driver.test.ts",
        name: "is said once for each node: spoilt lines, foreign pods, clocks that are off",
      },
      {
        file: CLUSTER,
        name: "S04 what is told of a node is an Event of that node, with the operator's own rights",
      },
    ],
  },
  {
    row: "S05",
    condition: "a kubelet reports a thousand or a million cores for one of its pods",
    does: "what no machine can do is no sample, more than the node has counts as the node, and replicas rise by steps",
    shows: '`plimsoll_scrape_samples_total{fate="impossible"}`, `plimsoll_usage_clipped_total`',
    own: TRIAL,
    also: [
      {
        file: "test/usage/gather.test.ts",
        name: "a pod that is said to use more than its node has counts with what the node has, and is counted",
      },
    ],
  },
  {
    row: "S06",
    condition: "someone stands between the operator and a kubelet",
    does: "before the certificate is trusted not one byte is sent, and the message says how to mend it",
    shows: '`plimsoll_scrape_failures_total{cause="certificate"}`; a log line',
    own: PODS,
    also: [
      { file: KUBELET, name: "S06 before a certificate is trusted, nothing is sent" },
      {
        file: "test/cluster/recovery.test.ts",
        name: "kubelets whose certificates it cannot trust are named with the way out, and nothing is scaled down",
      },
    ],
  },
  {
    row: "S07",
    condition: "a kubelet's answer is a gibibyte, endless, a gzip bomb, or a million series",
    does: "memory grows by 64 MiB at most, by 128 MiB for what stays just under the 16 MiB that are read of an answer, and the other nodes are read meanwhile",
    shows: '`plimsoll_scrape_failures_total{cause="too-large"}` or `timeout`',
    own: unit("oversized"),
  },
  {
    row: "S08",
    condition: "whoever holds the operator's rights would run commands through a kubelet (`nodes/proxy`)",
    does: "nothing that is shipped asks for that right, or for any that holds it",
    shows: "docs/rbac.md has every right",
    own: unit("rights"),
    also: [{ file: RIGHTS, name: "S22 whoever has the operator's token: $what is refused" }],
  },
  {
    row: "S11",
    condition: "an answer's body holds a secret",
    does: "the body appears in no status, no Event and no log",
    shows: "a fixed sentence for each kind of failure",
    own: unit("secrets"),
    also: [{ file: KUBELET, name: "$status fails the node, and its body is told to nobody" }],
  },
  {
    row: "S14",
    condition: "texts of 50 kB are made to stall pattern matching",
    does: "no pattern is made from what others write, ours have no repetition within a repetition nor beside its like, and 50 kB are read in less than 10 ms",
    shows: "nothing",
    own: unit("patterns"),
  },
  {
    row: "S15",
    condition: "a policy has 3 MiB, or one namespace has 5,000 policies",
    does: "the first is refused; the others delay nobody else by more than a period",
    shows: "4xx; `plimsoll_queue_wait_seconds`",
    own: CLUSTER,
    also: [
      {
        file: TRIAL,
        name: "S15 five thousand policies in one namespace delay those of others by one period at most (%s)",
      },
    ],
  },
  {
    row: "S16",
    condition: "a Job bears the labels of the target and burns CPU",
    does: "its pods are not the target's, and the decision is the same without them",
    shows: "nothing; `PodsSelectedByLabels` where only labels can tell",
    own: PODS,
    also: [
      {
        file: "test/reconcile/ask.test.ts",
        name: "S16 are those that its owner chain leads to, whoever shares their labels",
      },
      { file: "test/reconcile/ask.test.ts", name: "are never those of another %s under the same selector" },
    ],
  },
  {
    row: "S17",
    condition: "objects have fields named __proto__ or constructor",
    does: "reading them changes no prototype, and the program runs without __proto__",
    shows: "nothing",
    own: unit("prototypes"),
  },
  {
    row: "S19",
    condition: "someone writes headers of identity, or shows a certificate that is not the front proxy's",
    does: "the headers are nothing but text: who asks is the certificate's own user, or nobody",
    shows: "403 or 401 to whoever tries; a log line when a certificate speaks for others and may not",
    own: FAULTS,
    also: [
      { file: "test/serve/aggregated/access/authentication.test.ts", name: "from $from: anonymous" },
      {
        file: "test/serve/aggregated/access/authentication.test.ts",
        name: "a group with a comma in its name stays one group",
      },
      { file: SERVING, name: "is not served to $trick (threat S19)" },
    ],
  },
  {
    row: "S20",
    condition: "someone would have our API lead its callers elsewhere",
    does: "no path, method or header is ever answered by a redirection",
    shows: "nothing",
    own: SERVING,
  },
  {
    row: "S22",
    condition: "someone has stolen the operator's token",
    does: "it scales workloads and no more: nothing that the operator does not do is allowed",
    shows: "403 to whoever tries",
    own: RIGHTS,
    also: [{ file: RIGHTS, name: "S22 whoever has the operator's token: $what is refused" }],
  },
  {
    row: "S24",
    condition: "names and messages carry terminal sequences or markup",
    does: "none reaches the terminal: what is printed has no control character of theirs",
    shows: "blanks in their place",
    own: unit("terminal"),
    notYet: "the same payloads in a browser: comes with the dashboard",
  },
  {
    row: "S25",
    condition: "someone reads /metrics, or looks for pages of a debugger",
    does: "/metrics is for whom the API server allows it, and there are no such pages",
    shows: "403, 401 or 404 to whoever tries",
    own: SERVING,
    also: [
      {
        file: RIGHTS,
        name: "it announces itself, serves, takes over and gives back, and needs each right for that",
      },
    ],
  },
  {
    row: "S26",
    condition: "a target of a thousandth meets an enormous load",
    does: "replicas reach maxReplicas by steps and no further, and maxReplicas has a ceiling",
    shows: "`TooManyReplicas`, `ScaleUpLimit`",
    own: TRIAL,
  },
  {
    row: "S27",
    condition: "someone tampers with the history in a status",
    does: "it is no history: nothing is decreased for a full window",
    shows: "`WindowsIncomplete`",
    own: unit("history"),
  },
  {
    row: "S29",
    condition: "everything that can fail with a token at hand fails",
    does: "the token is in no log line, no message, no status and no Event",
    shows: "nothing",
    own: unit("secrets"),
  },
  {
    row: "S30",
    condition: "two thousand connections are begun and never ended",
    does: "those who are known are answered meanwhile, and only the newest of the others are kept",
    shows: "nothing",
    own: "test/serve/secure/listen.test.ts",
    also: [
      {
        file: FAULTS,
        name: "ten thousand strangers cost a bounded amount of memory, and those who are known are answered",
      },
    ],
  },
];
