import { expect, test } from "vitest";
import type { Workload } from "../../src/cluster/workload.ts";
import { rolloutOf } from "../../src/reconcile/round/rollout.ts";
import { aMeta, aWorkload, T0 } from "../builders.ts";

const status = (over: Partial<Workload["status"]>): Pick<Workload, "status"> => ({
  status: { observedGeneration: 1, replicas: 4, updatedReplicas: 4, readyReplicas: 4, ...over },
});

test.each<{ when: string; workload: Workload | undefined; kind: string }>([
  { when: "all pods are of the newest revision", workload: aWorkload(), kind: "settled" },
  { when: "the controller has not seen the last edit", workload: aWorkload({ meta: aMeta({ generation: 2 }) }), kind: "in-progress" },
  { when: "some pods are still of the old revision", workload: aWorkload(status({ updatedReplicas: 2 })), kind: "in-progress" },
  { when: "surge pods of the old revision are left", workload: aWorkload(status({ replicas: 5 })), kind: "in-progress" },
  { when: "it has been stuck past its deadline", workload: aWorkload({ ...status({ updatedReplicas: 1 }), stuckSince: T0 }), kind: "stuck" },
  { when: "it was stuck once and has finished since", workload: aWorkload({ stuckSince: T0 }), kind: "settled" },
  { when: "the Deployment is paused half-way", workload: aWorkload({ ...status({ updatedReplicas: 1 }), paused: true }), kind: "settled" },
  { when: "a StatefulSet waits OnDelete", workload: aWorkload({ ...status({ updatedReplicas: 0 }), rollsByItself: false }), kind: "settled" },
  { when: "a StatefulSet has updated all above its partition", workload: aWorkload({ ...status({ updatedReplicas: 1 }), partition: 3 }), kind: "settled" },
  { when: "a StatefulSet has not", workload: aWorkload({ ...status({ updatedReplicas: 0 }), partition: 3 }), kind: "in-progress" },
  { when: "the kind cannot be read", workload: undefined, kind: "unknown" },
])("a rollout is $kind when $when", ({ workload, kind }) => {
  expect(rolloutOf(workload).kind).toBe(kind);
}); // prettier-ignore
