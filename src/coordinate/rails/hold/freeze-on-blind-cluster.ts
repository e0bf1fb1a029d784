/**
 * When a third of the cluster is silent, it is the scraper or the network that failed, not the load that
 * fell: no policy decreases. Nodes that never answered are named elsewhere and not counted.
 *
 * Invariant: at 30 % and less of the known nodes silent, this rail does nothing.
 */
import { holdDecrease, type Circumstances, type Rail } from "../../rail.ts";

const SILENT_PERCENT_MAX = 30;

function apply(replicas: number, circumstances: Circumstances) {
  const { knownCount, silent } = circumstances.question.nodes;
  if (silent.length * 100 <= knownCount * SILENT_PERCENT_MAX) return undefined;
  const named = silent.slice(0, 3).join(", ");
  return holdDecrease(replicas, circumstances, {
    reason: "BlindCluster",
    why: `${silent.length} of ${knownCount} nodes give no fresh samples (${named}${silent.length > 3 ? ", …" : ""})`,
  });
}

export const freezeOnBlindCluster: Rail = {
  name: "freeze-on-blind-cluster",
  rule: "No policy decreases while more than 30 % of the nodes that answered within the last 24 h give no fresh samples.",
  answers: "metrics-server drops nodes that it cannot reach at once, and an HPA then decides on the rest.",
  apply,
};
