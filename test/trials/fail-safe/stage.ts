/**
 * What the fail-safe trials share: an operator over a small world whose kubelets and API server can be made to
 * lie, and a tally that each file prints.
 */
import { afterAll } from "vitest";
import type { Failure } from "../../../src/base/outcome.ts";
import { minutes, seconds } from "../../../src/base/units.ts";
import type { ClockSkew } from "../../../src/sim/clock.ts";
import type { ApiCall, Fault } from "../../../src/sim/ports/fault.ts";
import type { ScaleWrite } from "../../../src/sim/ports/api.ts";
import type { SimulatedWorld } from "../../../src/sim/world.ts";
import { deployment, operate, policy } from "../../sim/operating.ts";
import type { Operator } from "../../sim/operating.ts";
import { smallWorld } from "../../sim/stage.ts";

/** No window holds decreases back, so that whatever else would hold them is seen. */
export const AT_ONCE = { scaleDown: { stabilizationWindowSeconds: 0 } };

/** By when an operator that has just started knows a full window. */
export const WARM = minutes(8);

export type Scene = SimulatedWorld & Readonly<{ faults: Fault[]; skew: ClockSkew }>;

type Cast = Readonly<{
  nodes?: number;
  replicas?: number;
  /** Of demand; 0.3 a pod is the mark. */
  cores?: number;
  policy?: Parameters<typeof policy>[0];
}>;

/** A workload at its mark, its policy, and room for faults. */
export function setScene({ nodes = 3, replicas = 10, cores = 3, policy: options = {} }: Cast = {}): Scene {
  const faults: Fault[] = [];
  const skew: ClockSkew = { wall: 0, mono: 0 };
  const simulated = smallWorld({ faults, skew, nodes });
  simulated.model.addWorkload(deployment({ replicas, cores }), "settled");
  simulated.model.apply(policy(options));
  return { ...simulated, faults, skew };
}

/** The same world with other kubelets: `change` sees each answer as text on its way. */
export function tamperedWith(
  simulated: SimulatedWorld,
  change: (node: string, text: string) => string,
): SimulatedWorld {
  const { kubelets } = simulated.world;
  const read: typeof kubelets.read = async (node, signal) => {
    const reply = await kubelets.read(node, signal);
    if (reply.kind !== "answered") return reply;
    const text = change(node.meta.name, new TextDecoder().decode(reply.body));
    return { kind: "answered", body: new TextEncoder().encode(text) };
  };
  return { ...simulated, world: { ...simulated.world, kubelets: { ...kubelets, read } } };
}

/** Calls of these verbs, on what `about` names, are answered with `failure`. */
export const answering = (
  failure: Failure,
  verbs: readonly ApiCall["verb"][],
  about: (key: string) => boolean = () => true,
): Fault => ({
  name: `${verbs.join(", ")}: ${failure.kind}`,
  call: (call) => (verbs.includes(call.verb) && about(call.about) ? { kind: "instead", failure } : undefined),
});

export const decreasesIn = (writes: readonly ScaleWrite[]): readonly ScaleWrite[] =>
  writes.filter(({ from, to }) => to < from);

/** What was written since `mark`, a length of an earlier list of writes. */
export const writesSince = ({ model }: SimulatedWorld, mark: number): readonly ScaleWrite[] =>
  model.writes().slice(mark);

const tally = { runs: 0, simulated: 0, decisions: 0 };

/** Starts the operator, ends it after `act`, and counts both. */
export async function perform(
  simulated: SimulatedWorld,
  act: (operator: Operator) => Promise<void>,
  operation: Parameters<typeof operate>[1] = {},
): Promise<void> {
  const operator = operate(simulated, operation);
  try {
    await act(operator);
  } finally {
    await operator.end();
    tally.runs += 1;
    tally.simulated += simulated.time.now();
    tally.decisions += operator.records.length;
  }
}

/** Prints, at a file's end, what really ran in it. */
export function tellTally(what: string): void {
  afterAll(() => {
    const { runs, simulated, decisions } = tally;
    console.log(
      `fail-safe, ${what}: ${runs} runs, ${Math.round(simulated / minutes(60))} simulated hours, ${decisions} decisions`,
    );
  });
}

/** One period at the default resolution, and a second for the answer to arrive and be acted on. */
export const PERIOD = seconds(16);
