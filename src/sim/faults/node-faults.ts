/**
 * Machines and kubelets that do not answer.
 */
import { askedOf, type FaultRow, everyone, nodesOf } from "./fault-row.ts";

export const NODE_FAULTS: readonly FaultRow[] = [
  {
    kind: "silent-node",
    what: "a node's kubelet does not answer, while the node stays ready",
    victims: nodesOf,
    begin(ground, { on }, bite) {
      ground.model.setNodeSilent(on, true);
      const end = askedOf(ground, [on], bite);
      return () => {
        end();
        ground.model.setNodeSilent(on, false);
      };
    },
  },
  {
    kind: "half-silent",
    what: "the kubelets of half the nodes do not answer",
    victims: everyone,
    begin(ground, _, bite) {
      const { model, nodes } = ground;
      const half = nodes.slice(0, Math.ceil(nodes.length / 2));
      for (const node of half) model.setNodeSilent(node, true);
      const end = askedOf(ground, half, bite);
      return () => {
        end();
        for (const node of half) model.setNodeSilent(node, false);
      };
    },
  },
  {
    kind: "dead-node",
    what: "a machine is gone, and its pods with it, and comes back",
    victims: nodesOf,
    begin({ model }, { on }, bite) {
      bite();
      model.killNode(on);
      return () => model.reviveNode(on);
    },
  },
];
