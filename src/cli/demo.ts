/**
 * `plimsoll demo`: the operator over a simulated cluster, in time that runs faster than ours.
 *
 * Invariant: what decides here is what decides in a cluster; only the world is another. Whatever ends it,
 * the terminal is left as it was.
 */
import type { Log } from "../base/log.ts";
import type { Millis } from "../base/units.ts";
import { millis } from "../base/units.ts";
import { runOperator } from "../compose.ts";
import { demoFleet } from "../sim/fleet.ts";
import { runPaced } from "../sim/pace.ts";
import { stage } from "../sim/scenario/stage.ts";
import type { SimulatedWorld } from "../sim/world.ts";
import { SIMULATED_SETUP } from "./setup.ts";
import { Board } from "./view/board.ts";
import type { Picture } from "./view/frame.ts";
import { createJsonView } from "./view/json-view.ts";
import { createLineView } from "./view/line-view.ts";
import { createLiveView } from "./view/live-view.ts";
import type { Output, View } from "./view/view.ts";

/** Two seconds of real time between two orders of the rows. */
const ORDER_STANDS_REAL_MS = 2_000;

export type DemoOptions = Readonly<{
  /** Simulated seconds in a real one. */
  speed: number;
  /** Simulated time after which it ends; undefined: until it is interrupted. */
  length: Millis | undefined;
  seed: number;
  format: "table" | "json";
}>;

/** Resolves when the time is over, when `signal` aborts, or when nobody reads any more. */
export async function runDemo(options: DemoOptions, output: Output, signal: AbortSignal): Promise<void> {
  const { seed, speed, length } = options;
  const simulated = stageDemo(seed);
  const { world, time } = simulated;
  const board = new Board(millis(ORDER_STANDS_REAL_MS * speed));
  const view = viewFor(options, output, () => pictureOf(simulated, board, speed));
  const [operating, ended] = [new AbortController(), new AbortController()];
  const until = AbortSignal.any([signal, output.closed, ended.signal]);
  const operator = runOperator({
    world,
    setup: SIMULATED_SETUP,
    log: errorsTo(output),
    observe: (record) => view.show(board.add(record), record),
    signal: operating.signal,
  });
  // An operator that ends by itself has met a bug: `settle` below tells it.
  operator.catch(() => ended.abort());
  try {
    await runPaced(time, { speed, until: length, signal: until });
    operating.abort();
    await time.settle(operator);
  } finally {
    view.close();
  }
}

/** The demo's cluster, with everything that will happen to it already on its way. */
function stageDemo(seed: number): SimulatedWorld {
  const fleet = demoFleet(seed);
  const simulated = stage(fleet);
  for (const action of fleet.actions)
    if (action.kind === "change") simulated.time.at(action.at, () => action.change(simulated.model));
  return simulated;
}

function viewFor({ format }: DemoOptions, output: Output, look: () => Picture): View {
  if (format === "json") return createJsonView(output);
  return output.terminal === undefined
    ? createLineView(output, look)
    : createLiveView(output.terminal, output, look);
}

function pictureOf({ time, model }: SimulatedWorld, board: Board, speed: number): Picture {
  return {
    now: time.wall(),
    speed,
    podCount: model.podCount(),
    tally: board.tally(),
    entries: board.entries(time.wall()),
  };
}

/** Only bugs are told: what goes wrong in the simulated cluster is what the demo is about. */
function errorsTo({ complain }: Output): Log {
  return (level, message, fields) => {
    if (level === "error") complain(`${message} ${JSON.stringify(fields ?? {})}`);
  };
}
