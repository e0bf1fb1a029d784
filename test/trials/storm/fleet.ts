/**
 * The operator's processes in a storm: one that leads, one that stands by now and then, and whoever follows a dead one;
 * each under a witness's eyes.
 */
import { SIMULATED_SETUP } from "../../../src/cli/setup.ts";
import { runOperator } from "../../../src/compose.ts";
import type { ObjectKey } from "../../../src/base/ids.ts";
import type { Log } from "../../../src/base/log.ts";
import type { Millis } from "../../../src/base/units.ts";
import type { DecisionRecord } from "../../../src/report/record.ts";
import type { Witness } from "../../../src/sim/invariants/witness.ts";
import { Processes } from "../../../src/sim/processes.ts";
import type { SimulatedWorld } from "../../../src/sim/world.ts";

export type OperatorFleet = Readonly<{
  processes: Processes;
  /** The latest decision of each policy. */
  records: ReadonlyMap<ObjectKey, DecisionRecord>;
}>;

/** No process runs yet: start as many as there are to be. */
export function createFleet(
  simulated: SimulatedWorld,
  { witness, resolution }: Readonly<{ witness: Witness; resolution: Millis }>,
  log: Log,
): OperatorFleet {
  const records = new Map<ObjectKey, DecisionRecord>();
  const observe = (record: DecisionRecord): void => {
    records.set(record.id.policy, record);
    witness.decided(record);
  };
  const decision = { ...SIMULATED_SETUP.decision, resolution };
  const processes = new Processes(simulated, (process, identity, signal) =>
    runOperator({
      world: witness.worldOf(process, identity),
      setup: { ...SIMULATED_SETUP, identity, decision },
      log,
      observe,
      signal,
    }),
  );
  return { processes, records };
}
