/**
 * Others who touch the same objects: people, releases, autoscalers, tools that set things back.
 */
import { millis, minutes, seconds } from "../../base/units.ts";
import type { Manifest } from "../manifest.ts";
import { again, type FaultRow, type Ground, nothingToEnd, workloadsOf } from "./fault-row.ts";

type Victim = Ground["workloads"][number];

const touching = (
  kind: string,
  what: string,
  begin: (ground: Ground, victim: Victim & Readonly<{ namespace: string; name: string }>) => () => void,
): FaultRow => ({
  kind,
  what,
  victims: workloadsOf,
  begin(ground, { on }, bite) {
    const victim = ground.workloads.find(({ blueprint }) => blueprint.target.name === on);
    if (victim === undefined) return nothingToEnd;
    bite();
    return begin(ground, { ...victim, namespace: victim.blueprint.namespace, name: on });
  },
});

type PolicySpec = Readonly<{ horizontal: Readonly<{ minReplicas: number; maxReplicas: number }> }>;

export const PEOPLE_FAULTS: readonly FaultRow[] = [
  touching("human-scales", "somebody scales a workload by hand", ({ model, random }, { namespace, name }) => {
    model.scale(namespace, name, 1 + Math.floor(random.next() * 15));
    return nothingToEnd;
  }),
  touching(
    "scaled-to-zero",
    "somebody scales a workload to zero, and back",
    ({ model }, { namespace, name }) => {
      model.scale(namespace, name, 0);
      return () => model.scale(namespace, name, 3);
    },
  ),
  touching(
    "gitops",
    "a tool sets a workload's replicas back every five seconds",
    (ground, { namespace, name }) => {
      const { wanted } = ground.model.replicas(namespace, name);
      return again(ground, seconds(5), () => ground.model.scale(namespace, name, wanted));
    },
  ),
  touching("foreign-autoscaler", "an HPA scales the same workload, and goes again", (ground, victim) => {
    const { namespace, name, blueprint } = victim;
    ground.model.apply(autoscalerOf(victim));
    let count = ground.model.replicas(namespace, name).wanted;
    const end = again(ground, seconds(15), () => {
      count = Math.max(1, count + Math.floor(ground.random.next() * 3) - 1);
      ground.model.scale(namespace, blueprint.target.name, count);
    });
    return () => {
      end();
      ground.model.deleteAutoscaler(namespace, name);
    };
  }),
  touching(
    "policy-edited",
    "somebody changes a policy's bounds, and changes them back",
    ({ model, random }, { policy }) => {
      const { horizontal, ...spec } = policy.spec as PolicySpec;
      const minReplicas = 1 + Math.floor(random.next() * 4);
      const maxReplicas = minReplicas + Math.floor(random.next() * 8);
      model.apply({ ...policy, spec: { ...spec, horizontal: { ...horizontal, minReplicas, maxReplicas } } });
      return () => model.apply(policy);
    },
  ),
  touching(
    "policy-nonsense",
    "somebody applies a policy that means nothing, and mends it",
    ({ model }, { policy }) => {
      const { horizontal, ...spec } = policy.spec as PolicySpec;
      model.apply({
        ...policy,
        spec: { ...spec, horizontal: { ...horizontal, minReplicas: 9, maxReplicas: 3 } },
      });
      return () => model.apply(policy);
    },
  ),
  touching(
    "policy-recreated",
    "somebody deletes a policy and makes it anew",
    ({ model, time }, { policy, namespace, name }) => {
      model.deletePolicy(namespace, name);
      time.after(millis(200), () => model.apply(policy));
      return nothingToEnd;
    },
  ),
  touching(
    "rival-policy",
    "somebody makes a second policy for the same workload, and takes it back",
    ({ model }, { policy, namespace, name }) => {
      const rival = `${name}-rival`;
      const { horizontal, ...spec } = policy.spec as PolicySpec;
      const { minReplicas, maxReplicas } = horizontal;
      const wider = { ...horizontal, minReplicas: minReplicas + 1, maxReplicas: maxReplicas + 2 };
      model.apply({
        ...policy,
        metadata: { name: rival, namespace },
        spec: { ...spec, horizontal: wider },
      });
      return () => model.deletePolicy(namespace, rival);
    },
  ),
  touching(
    "target-recreated",
    "somebody deletes a workload and makes it anew",
    ({ model }, { blueprint, namespace, name }) => {
      model.removeWorkload(namespace, name);
      model.addWorkload(blueprint, "starting");
      return nothingToEnd;
    },
  ),
  touching("roll-out", "a new release goes out", ({ model }, { namespace, name }) => {
    model.rollOut(namespace, name, {});
    return nothingToEnd;
  }),
  {
    ...touching(
      "broken-release",
      "a release that never gets ready goes out, and is mended",
      ({ model }, { namespace, name }) => {
        model.rollOut(namespace, name, { neverReady: true });
        return () => model.rollOut(namespace, name, { neverReady: false });
      },
    ),
    // A StatefulSet waits for its broken pod until somebody deletes it, by Kubernetes' own rule.
    victims: ({ workloads }) =>
      workloads
        .map(({ blueprint: { target } }) => target)
        .flatMap(({ kind, name }) => (kind === "Deployment" ? [name] : [])),
    longest: minutes(5),
  },
];

function autoscalerOf({
  blueprint,
  namespace,
  name,
}: Victim & Readonly<{ namespace: string; name: string }>): Manifest {
  return {
    kind: "HorizontalPodAutoscaler",
    metadata: { name, namespace },
    spec: { scaleTargetRef: blueprint.target },
  };
}
