/**
 * The same answers into metrics-server's storage (reference.ts) and into ours: where no improvement named in
 * store.ts applies, both say the same, to the nanocore.
 */
import fc from "fast-check";
import { expect, test } from "vitest";
import { uid } from "../../src/base/ids.ts";
import { seconds } from "../../src/base/units.ts";
import { createStore } from "../../src/store/store.ts";
import { T0, aBatch, aPod } from "./samples.ts";
import type { Given } from "./samples.ts";
import { ReferenceStore } from "./reference.ts";
import type { Point, ReferenceUsage } from "./reference.ts";

const ROUNDS = 12;

/** What a container does in a round: seconds until its next stamp, CPU used until then, or a restart. */
const move = fc.record({
  // A kubelet that has not measured again repeats its sample; else 10–20 s pass, in milliseconds.
  pause: fc.oneof({ weight: 1, arbitrary: fc.constant(0) }, { weight: 3, arbitrary: fc.integer({ min: 10_000, max: 20_000 }) }),
  cores: fc.double({ min: 0, max: 8, noNaN: true }),
  memory: fc.integer({ min: 1, max: 2 ** 40 }),
  restart: fc.oneof({ weight: 6, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: fc.integer({ min: 1, max: 9_999 }) }),
}); // prettier-ignore

test("a pod that is scraped at every round has metrics-server's usage", () => {
  const resolutions = fc.constantFrom(10, 15, 20, 60);
  fc.assert(
    fc.property(
      resolutions,
      fc.array(move, { minLength: ROUNDS, maxLength: ROUNDS }),
      (resolution, moves) => {
        const ours = createStore({ resolution: seconds(resolution) });
        const theirs = new ReferenceStore(BigInt(resolution) * 1_000_000_000n);
        let given: Given = { at: 0, cpu: 1, memory: 1, start: -5 };
        moves.forEach((next, round) => {
          if (next.pause > 0) given = after(given, next);
          const pod = aPod([given]);
          ours.writer.append(aBatch(round * resolution * 1000, [pod]));
          theirs.store({ web: { app: pointOf(given) } });
          expect(plain(ours.reader.pod(pod.pod))).toEqual(theirs.read("web") ?? "absent");
        });
      },
    ),
    { numRuns: 1000 },
  );
});

test("pods of several containers, some of them new, have metrics-server's usage or its absence", () => {
  const names = ["a", "b", "c"];
  const rounds = fc.array(fc.tuple(move, move, move), { minLength: ROUNDS, maxLength: ROUNDS });
  fc.assert(
    fc.property(
      rounds,
      fc.array(fc.integer({ min: 0, max: ROUNDS }), { minLength: 3, maxLength: 3 }),
      (moves, births) => {
        const ours = createStore({ resolution: seconds(15) });
        const theirs = new ReferenceStore(15_000_000_000n);
        const state = names.map((container): Given => ({ container, at: 0, cpu: 1, memory: 1, start: -5 }));
        moves.forEach((next, round) => {
          names.forEach((_, n) => {
            // Repeats are left to the other test: for several containers they meet the reference's defect d25.
            state[n] = after(state[n]!, { ...next[n]!, pause: next[n]!.pause || 10_000 });
          });
          const present = state.filter((_, n) => births[n]! <= round);
          if (present.length === 0) return;
          const pod = aPod(present, {
            expected: present.map(({ container = "" }) => container),
            pod: uid("web"),
          });
          ours.writer.append(aBatch(round * 15_000, [pod]));
          theirs.store({
            web: Object.fromEntries(present.map((given) => [given.container!, pointOf(given)])),
          });
          expect(plain(ours.reader.pod(pod.pod))).toEqual(theirs.read("web") ?? "absent");
        });
      },
    ),
    { numRuns: 500 },
  );
});

function after(given: Given, { pause, cores, memory, restart }: { pause: number; cores: number; memory: number; restart: number | undefined }): Given {
  const at = given.at + pause;
  if (restart === undefined) return { ...given, at, memory, cpu: given.cpu + (cores * pause) / 1000 };
  const start = (at - restart) / 1000;
  return { ...given, at, memory, start, cpu: Math.max(0.001, (cores * restart) / 1000) };
} // prettier-ignore

function pointOf(given: Given): Point {
  const [sample] = aPod([given]).samples;
  return {
    at: BigInt(T0 + given.at) * 1_000_000n,
    cpu: BigInt(sample!.cpu),
    memory: BigInt(sample!.memory),
    start: BigInt(sample!.start!),
  };
}

function plain(
  usage: ReturnType<ReturnType<typeof createStore>["reader"]["pod"]>,
): ReferenceUsage | "absent" {
  if (usage.kind === "absent") return "absent";
  return Object.fromEntries(
    usage.containers.map(({ container, cpu, memory, at, window }) => [
      container,
      {
        cpu: BigInt(cpu),
        memory: BigInt(memory),
        at: BigInt(at) * 1_000_000n,
        window: BigInt(Math.round(window * 1e6)),
      },
    ]),
  );
}
