/**
 * The simulated cluster is followed, and its kubelets are read, as the real ones are.
 */
import { describe, expect } from "vitest";
import { millis, seconds } from "../../src/base/units.ts";
import { workload } from "../../src/sim/model/blueprint.ts";
import { smallWorld, Watched } from "../sim/stage.ts";
import { describeClusterSource } from "./cluster-source.suite.ts";
import { describeKubeletSource } from "./kubelet-source.suite.ts";

const namespace = "shop";
const load = { cpu: { kind: "steady", level: 1 } } as const;
const done = Promise.resolve();
/** Simulated seconds after which a suite has waited long enough. */
const PATIENCE = 120;

describe("the simulated cluster", () => {
  describeClusterSource(() => {
    const { world, model, time } = smallWorld();
    return Promise.resolve({
      source: world.cluster,
      namespace,
      createDeployment(name, replicas) {
        model.addWorkload(workload({ namespace, name, replicas, ...load }), "starting");
        return done;
      },
      scaleDeployment: (name, replicas) => Promise.resolve(model.scale(namespace, name, replicas)),
      deleteDeployment: (name) => Promise.resolve(model.removeWorkload(namespace, name)),
      async until(holds) {
        for (let waited = 0; !holds(); waited += 0.1) {
          if (waited > PATIENCE) expect.fail(`not within ${PATIENCE} simulated seconds`);
          await time.advance(millis(100));
        }
      },
      close: () => done,
    });
  });

  describeKubeletSource("simulated", async () => {
    const simulated = smallWorld({ nodes: 1 });
    const { world, model, time } = simulated;
    model.addWorkload(workload({ name: "web", replicas: 3, ...load }), "settled");
    const nodes = new Watched(simulated, "nodes");
    await time.advance(seconds(30));
    return {
      source: world.kubelets,
      node: nodes.all()[0]!,
      silence: () => Promise.resolve(model.setNodeSilent("node-1", true)),
      settle: (reply) => time.settle(reply),
      close: () => done,
    };
  });
});
