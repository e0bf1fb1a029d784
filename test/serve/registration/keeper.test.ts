import { expect, test } from "vitest";
import type { Failure, ReadOutcome, WriteOutcome } from "../../../src/base/outcome.ts";
import { monoMillis, epochMillis } from "../../../src/base/units.ts";
import type { MetricsApiMode, Standing } from "../../../src/serve/registration/decide.ts";
import { runRegistrar } from "../../../src/serve/registration/keeper.ts";
import type { Registration, RegistrationPort } from "../../../src/serve/registration/port.ts";

const OURS = { namespace: "plimsoll-system", name: "plimsoll", port: 443 };
const THEIRS = { namespace: "kube-system", name: "metrics-server", port: 443 };
const WRITTEN: WriteOutcome = { kind: "written", resourceVersion: "2" };

/** APIServices as the API server keeps them, and a clock whose sleeps run a script, one step a look. */
function stage(mode: MetricsApiMode, script: readonly ((state: State) => void)[]) {
  const state: State = {
    there: new Map(), fails: undefined, blind: undefined, leads: true, ready: true, figures: true, service: true,
  }; // prettier-ignore
  const logged: string[] = [];
  const standings: Standing[] = [];
  const stop = new AbortController();
  const write = (change: () => void): Promise<WriteOutcome> => {
    if (state.fails !== undefined) return Promise.resolve(state.fails);
    change();
    return Promise.resolve(WRITTEN);
  };
  const port: RegistrationPort = {
    hasService: () => Promise.resolve<ReadOutcome<boolean>>({ kind: "read", value: state.service }),
    readRegistration: (version) =>
      Promise.resolve<ReadOutcome<Registration | undefined>>(state.blind ?? { kind: "read", value: state.there.get(version) }),
    createRegistration: (version, wanted) => write(() => state.there.set(version, of(version, wanted.service))),
    updateRegistration: (one, wanted, remember) =>
      write(() => state.there.set(one.version, { ...of(one.version, wanted.service), replaced: remember === "remember" ? "before" : one.replaced })),
    restoreRegistration: (one) => write(() => state.there.set(one.version, of(one.version, THEIRS))),
    deleteRegistration: (one) => write(() => state.there.delete(one.version)),
  }; // prettier-ignore
  let look = 0;
  const clock = {
    wall: () => epochMillis(0),
    mono: () => monoMillis(0),
    sleep: () => {
      const step = script[look++];
      if (step === undefined) stop.abort();
      else step(state);
      return Promise.resolve();
    },
  };
  const running = runRegistrar(
    {
      port, clock, mode, versions: ["v1", "v1beta1"],
      log: (level, message, fields) => void logged.push(`${level} ${message} ${String(fields?.["act"] ?? fields?.["problem"])}`),
      wanted: () => (state.ready ? { service: OURS, authorities: "ca" } : undefined),
      leads: () => state.leads,
      hasFigures: () => state.figures,
      onStanding: (standing) => standings.push(standing),
    },
    stop.signal,
  ); // prettier-ignore
  return running.then(() => ({ state, logged, standings: standings.map(({ kind }) => kind) }));
}

type State = {
  there: Map<string, Registration>;
  fails: WriteOutcome | undefined;
  /** What reading is answered. */
  blind: Failure | undefined;
  service: boolean;
  leads: boolean;
  ready: boolean;
  figures: boolean;
};
const of = (version: string, service: Registration["service"]): Registration => ({
  version, resourceVersion: "1", service, authorities: "ca", insecure: false, replaced: undefined,
}); // prettier-ignore
const owners = ({ there }: State) =>
  [...there].map(([version, { service }]) => `${version} ${service?.name}`);
const nothing = (): void => undefined;

test("in an empty cluster both are made, once, and it is told once", async () => {
  const { state, logged, standings } = await stage("Auto", [nothing, nothing]);
  expect(owners(state)).toEqual(["v1 plimsoll", "v1beta1 plimsoll"]);
  expect(logged).toHaveLength(2);
  expect(standings).toEqual(["ours"]);
});

test("Auto leaves when another comes, and is back when it goes", async () => {
  const comes = ({ there }: State): void => void there.set("v1beta1", of("v1beta1", THEIRS));
  const goes = ({ there }: State): void => void there.delete("v1beta1");
  const during = await stage("Auto", [comes, nothing]);
  expect(owners(during.state)).toEqual(["v1beta1 metrics-server"]);
  const after = await stage("Auto", [comes, nothing, goes, nothing]);
  expect(owners(after.state).toSorted()).toEqual(["v1 plimsoll", "v1beta1 plimsoll"]);
  expect(after.standings).toEqual(["ours", "left-to-other", "ours"]);
});

test("nothing is written by who does not lead, or has no certificate yet", async () => {
  const idle = (state: State): void => void Object.assign(state, { leads: false });
  const early = (state: State): void => void Object.assign(state, { ready: false, there: new Map() });
  const { standings } = await stage("Auto", [idle, early]);
  expect(standings).toEqual(["ours"]);
  const { state } = await stage("Auto", [early, nothing]);
  expect(owners(state)).toEqual([]);
});

test("trouble is told once, however long it lasts, and a conflict is none", async () => {
  const forbid = (state: State): void => {
    state.there.clear();
    state.fails = { kind: "forbidden", status: 403, message: "no right" };
  };
  const { logged } = await stage("Auto", [forbid, nothing, nothing]);
  expect(logged.filter((line) => line.startsWith("warn"))).toEqual([
    "warn the APIServices of the metrics API cannot be kept no right",
  ]);
  const conflict = (state: State): void => {
    state.there.clear();
    state.fails = { kind: "conflict", message: "" };
  };
  expect((await stage("Auto", [conflict, nothing])).logged.join()).not.toContain("warn");
});

test("Always takes over, and Off gives back what was taken and removes what was made", async () => {
  const theirs = (state: State): void => {
    state.there.clear();
    state.there.set("v1beta1", of("v1beta1", THEIRS));
  };
  expect(owners((await stage("Always", [theirs, nothing])).state).toSorted()).toEqual(["v1 plimsoll", "v1beta1 plimsoll"]);
  const taken = (state: State): void => {
    state.there.set("v1", of("v1", OURS));
    state.there.set("v1beta1", { ...of("v1beta1", OURS), replaced: "before" });
  };
  expect(owners((await stage("Off", [taken, nothing])).state)).toEqual(["v1beta1 metrics-server"]);
}); // prettier-ignore

test("Always takes nothing over, and makes nothing beside it, before it has figures", async () => {
  const early = (state: State): void => {
    state.there = new Map([["v1beta1", of("v1beta1", THEIRS)]]);
    state.figures = false;
  };
  const waiting = await stage("Always", [early, nothing, nothing]);
  expect(owners(waiting.state)).toEqual(["v1beta1 metrics-server"]);
  const later = await stage("Always", [early, nothing, (state) => void (state.figures = true), nothing]);
  expect(owners(later.state).toSorted()).toEqual(["v1 plimsoll", "v1beta1 plimsoll"]);
});

const noService = (state: State): void => void (state.service = false);

test("without a Service nothing is announced, and it is told once", async () => {
  const early = (state: State): void => void Object.assign(state, { ready: false, there: new Map(), service: false });
  const given = (state: State): void => void (state.ready = true);
  const { state, logged, standings } = await stage("Auto", [early, given, nothing, nothing]);
  expect(owners(state)).toEqual([]);
  expect(standings).toEqual(["ours", "no-service"]);
  expect(logged.filter((line) => line.startsWith("warn"))).toEqual([]);
}); // prettier-ignore

test("a Service that is missed twice takes the announcement with it; one that is made anew meanwhile does not", async () => {
  const again = (state: State): void => void (state.service = true);
  const short = await stage("Auto", [noService, again, nothing]);
  expect([owners(short.state), short.standings]).toEqual([["v1 plimsoll", "v1beta1 plimsoll"], ["ours"]]);
  const missed = await stage("Auto", [noService, nothing]);
  expect([owners(missed.state), missed.standings]).toEqual([[], ["ours", "no-service"]]);
  const back = await stage("Auto", [noService, nothing, again, nothing]);
  expect(back.standings).toEqual(["ours", "no-service", "ours"]);
});

test("Off is off also without the right to look; any other mode says that it lacks it", async () => {
  const forbidden = { kind: "forbidden", status: 403, message: "no right to look" } as const;
  const blind = (state: State): void => void (state.blind = forbidden);
  const off = await stage("Off", [blind, nothing]);
  expect([off.standings, off.logged]).toEqual([["off"], []]);
  const auto = await stage("Auto", [blind, nothing, nothing]);
  expect(auto.logged.filter((line) => line.startsWith("warn"))).toEqual([
    "warn the APIServices of the metrics API cannot be kept no right to look",
  ]);
  const trouble = (state: State): void => void (state.blind = { kind: "unreachable", message: "no answer" });
  expect((await stage("Off", [trouble, nothing])).logged.join()).toContain("no answer");
});
