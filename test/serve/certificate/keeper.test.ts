/** Replicas that share one Secret. */
import { expect, test } from "vitest";
import type { WriteOutcome } from "../../../src/base/outcome.ts";
import { epochMillis, monoMillis } from "../../../src/base/units.ts";
import { createKeeper } from "../../../src/serve/certificate/keeper.ts";
import type { Contents, Material, SecretPort } from "../../../src/serve/certificate/port.ts";

const DAY = 86_400_000;
const HOSTS = ["plimsoll.plimsoll-system.svc"];

/** A Secret as the API server keeps it: a write on an old version is a conflict. */
function aSecret() {
  const state = { contents: {} as Contents, version: 1, fails: undefined as string | undefined, writes: 0 };
  const port: SecretPort = {
    readSecret: () =>
      Promise.resolve(
        state.fails === undefined
          ? { kind: "read", value: { contents: state.contents, resourceVersion: String(state.version) } }
          : { kind: "forbidden", status: 403, message: state.fails },
      ),
    writeSecret: (contents, resourceVersion): Promise<WriteOutcome> => {
      if (resourceVersion !== String(state.version))
        return Promise.resolve({ kind: "conflict", message: "" });
      Object.assign(state, { contents, version: state.version + 1, writes: state.writes + 1 });
      return Promise.resolve({ kind: "written", resourceVersion: String(state.version) });
    },
  };
  return { state, port };
}

/** One replica that looks as often as there are steps; before each look a step moves the world. */
async function replica(secret: SecretPort, steps: readonly ((now: { days: number }) => void)[]) {
  const now = { days: 0 };
  const stop = new AbortController();
  const [used, troubles, waits]: [Material[], string[], number[]] = [[], [], []];
  let look = 0;
  const clock = {
    wall: () => epochMillis(Date.UTC(2026, 10, 25) + now.days * DAY),
    mono: () => monoMillis(0),
    sleep: (duration: number) => {
      waits.push(duration);
      const step = steps[look++];
      if (step === undefined) stop.abort();
      else step(now);
      return Promise.resolve();
    },
  };
  const keeper = createKeeper({ secret, clock, log: () => undefined, hosts: HOSTS });
  const listener = {
    use: (material: Material) => used.push(material),
    trouble: (why: string) => troubles.push(why),
  };
  await keeper.followMaterial(listener, stop.signal);
  return { used, troubles, waits };
}

const stay = (): void => undefined;
const later = (days: number) => (now: { days: number }) => void (now.days = days);

test("what is made is kept and used, and looked at again without a word", async () => {
  const { state, port } = aSecret();
  const { used, waits } = await replica(port, [stay, stay]);
  expect(used).toEqual([
    {
      certificate: state.contents["tls.crt"],
      key: state.contents["tls.key"],
      authorities: state.contents["ca.crt"],
    },
  ]);
  expect(state.writes).toBe(1);
  expect(waits).toEqual([30_000, 30_000, 30_000]);
});

test("replicas that begin together end up with one certificate", async () => {
  const { state, port } = aSecret();
  const both = await Promise.all([replica(port, [stay, stay]), replica(port, [stay, stay])]);
  expect(both.map(({ used }) => used.at(-1))).toEqual([both[0].used[0], both[0].used[0]]);
  expect(state.writes).toBe(1);
});

test("a certificate is renewed before its end, and what another replica renewed is taken", async () => {
  const { state, port } = aSecret();
  const first = await replica(port, [stay, later(61), stay]);
  expect(first.used).toHaveLength(2);
  expect(state.writes).toBe(2);
  const second = await replica(port, [later(61)]);
  expect(second.used).toEqual([first.used[1]]);
});

test("a Secret that cannot be read is told about, and tried again soon", async () => {
  const { state, port } = aSecret();
  state.fails = "no right to get it";
  const { used, troubles, waits } = await replica(port, [stay, () => void (state.fails = undefined)]);
  expect(troubles).toHaveLength(2);
  expect(troubles[0]).toMatch(/cannot be read: no right to get it/);
  expect(used).toHaveLength(1);
  expect(waits).toEqual([5_000, 5_000, 30_000]);
});
