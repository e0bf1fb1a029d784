/**
 * The simulated API server keeps the contracts that the real one keeps.
 */
import { describe } from "vitest";
import { resizablePod } from "../../src/actuate/requests/resizable-pod.ts";
import { milliUnits } from "../../src/base/units.ts";
import { keyOf } from "../../src/cluster/object.ts";
import { subjectOf } from "../../src/report/port.ts";
import { workload } from "../../src/sim/model/blueprint.ts";
import { runPaced } from "../../src/sim/pace.ts";
import type { SimulatedWorld } from "../../src/sim/world.ts";
import { smallWorld } from "../sim/stage.ts";
import { describeLeasePort } from "./lease-port.suite.ts";
import { describeReportPort } from "./report-port.suite.ts";
import { describeResizePort, type SeenPod } from "./resize-port.suite.ts";
import { describeScalePort } from "./scale-port.suite.ts";
import { describeTemplatePort } from "./template-port.suite.ts";

/** A world whose time goes on by itself, a thousand times as fast as ours. */
function livingWorld(): SimulatedWorld & { close: () => Promise<void> } {
  const simulated = smallWorld();
  const stop = new AbortController();
  const living = runPaced(simulated.time, { speed: 1000, until: undefined, signal: stop.signal });
  return {
    ...simulated,
    close() {
      stop.abort();
      return living;
    },
  };
}

describe("the simulated API server", () => {
  describe.each([
    { kind: "Deployment", apiVersion: "apps/v1" },
    { kind: "StatefulSet", apiVersion: "apps/v1" },
    { kind: "Fleet", apiVersion: "example.com/v1" },
  ])("with a $kind", ({ kind, apiVersion }) => {
    describeScalePort(kind, () => {
      const { world, model, close } = livingWorld();
      const namespace = "shop";
      return Promise.resolve({
        port: world.api,
        namespace,
        seed(name, replicas) {
          const target = { apiVersion, kind, name };
          const cpu = { kind: "steady", level: 1 } as const;
          model.addWorkload(workload({ namespace, name, target, replicas, cpu }), "settled");
          return Promise.resolve(target);
        },
        scaleByOthers: ({ name }, replicas) => Promise.resolve(model.scale(namespace, name, replicas)),
        remove: ({ name }) => Promise.resolve(model.removeWorkload(namespace, name)),
        close,
      });
    });
  });

  const containers = [
    {
      name: "app",
      requests: { cpu: milliUnits(200), memory: milliUnits(64 * 2 ** 20 * 1000) },
      limits: { cpu: milliUnits(400), memory: milliUnits(128 * 2 ** 20 * 1000) },
      share: 1,
    },
  ];
  const cpu = { kind: "steady", level: 1 } as const;

  describeResizePort(() => {
    const simulated = livingWorld();
    const { world, model, close } = simulated;
    const view = simulated.truth();
    const look = ({ name }: { name: string }): SeenPod => {
      const pod =
        [...view.of.pods.all()].find(({ meta }) => meta.name === name) ?? [...view.of.pods.all()][0]!;
      return resizablePod(pod);
    };
    return Promise.resolve({
      port: world.api,
      seed() {
        model.addWorkload(workload({ namespace: "shop", name: "web", cpu, containers }), "settled");
        return Promise.resolve(look({ name: "" }));
      },
      look: (basis) => Promise.resolve(look(basis)),
      touch: () => Promise.resolve(model.setReady("shop", "web", { count: 1, ready: false })),
      remove: () => Promise.resolve(model.removeWorkload("shop", "web")),
      close,
    });
  });

  describe.each(["Deployment", "StatefulSet"])("with a %s", (kind) => {
    describeTemplatePort(kind, () => {
      const { world, model, close } = livingWorld();
      const namespace = "shop";
      return Promise.resolve({
        port: world.api,
        namespace,
        seed(name) {
          const target = { apiVersion: "apps/v1", kind, name };
          model.addWorkload(workload({ namespace, name, target, cpu, containers }), "settled");
          return Promise.resolve(target);
        },
        touch: ({ name }) => Promise.resolve(model.scale(namespace, name, 3)),
        remove: ({ name }) => Promise.resolve(model.removeWorkload(namespace, name)),
        close,
      });
    });
  });

  describeReportPort(() => {
    const { world, model, close } = livingWorld();
    const namespace = "shop";
    const apply = (name: string, maxReplicas: number): void =>
      model.apply({
        kind: "ScalePolicy",
        metadata: { name, namespace },
        spec: { horizontal: { maxReplicas } },
      });
    return Promise.resolve({
      port: world.api,
      seed(name) {
        apply(name, 5);
        return Promise.resolve(model.policy(namespace, name)!.meta);
      },
      look: ({ name }) => Promise.resolve(model.policy(namespace, name)),
      touch: ({ name }) => Promise.resolve(apply(name, 6)),
      remove: ({ name }) => Promise.resolve(model.deletePolicy(namespace, name)),
      eventsAbout({ name }) {
        const own = model
          .events()
          .filter((event) => keyOf({ meta: subjectOf(event) }) === `${namespace}/${name}`);
        const seen = Map.groupBy(own, ({ reason, note }) => `${reason} ${note}`);
        return Promise.resolve([...seen.values()].map((same) => ({ ...pick(same[0]!), count: same.length })));
      },
      close,
    });
  });

  describeLeasePort(() => {
    const { world, close } = livingWorld();
    return Promise.resolve({ port: world.api, rival: world.api, close });
  });
});

const pick = ({ type, reason, note }: { type: string; reason: string; note: string }) => ({
  type,
  reason,
  note,
});
