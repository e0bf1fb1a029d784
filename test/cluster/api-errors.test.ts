/**
 * Suite R4: every outcome of a request at every place of the product that makes one, through a proxy before the real API
 * server. A cell says what the caller is told, how often the API server was asked, whether it heard of it at all, and that
 * the next request goes through.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { uid } from "../../src/base/ids.ts";
import { epochMillis, seconds } from "../../src/base/units.ts";
import type { Meta } from "../../src/cluster/object.ts";
import { KINDS } from "../../src/cluster/port.ts";
import { fetchServerVersion } from "../../src/real/apiserver/api.ts";
import type { LeaseRecord } from "../../src/reconcile/port.ts";
import { controlPlane, type ControlPlane } from "./control-plane.ts";
import { establishCranes } from "./cranes.ts";
import { establishCrds } from "./crds.ts";
import { FOLLOWING, type Stage, followThrough } from "./fault-proxy/following.ts";
import { OUTCOME_NAMES, type OutcomeName, OUTCOMES, RETRY_AFTER_SECONDS } from "./fault-proxy/outcomes.ts";
import { type FaultProxy, startFaultProxy } from "./fault-proxy/proxy.ts";
import type { Match } from "./fault-proxy/rule.ts";
import { aPolicy } from "./manifests.ts";
import { openApi } from "./open-api.ts";
import { wish } from "../builders.ts";

const CELLS = 576;
/** Nobody else writes to it. */
const TARGET = { apiVersion: "harbour.example.com/v1", kind: "Crane", name: "web" };
const EVENT = { type: "Normal", reason: "Scaled", action: "Scale", note: "from 2 to 3" } as const;
const STATUS = {
  observedGeneration: 1,
  conditions: [],
  recentActs: [],
  display: { metrics: "", requests: "" },
};
const never = new AbortController().signal;

let plane: ControlPlane;
let proxy: FaultProxy;
let namespace = "";
let kubeconfig = "";
let open: Awaited<ReturnType<typeof openApi>>;
let cells = 0;

beforeAll(async () => {
  plane = await controlPlane();
  await establishCrds(plane);
  await establishCranes(plane);
  namespace = await plane.namespace("errors");
  await plane.kubectl(
    "create",
    "clusterrolebinding",
    namespace,
    "--clusterrole=cluster-admin",
    `--serviceaccount=${namespace}:default`,
  );
  await plane.apply([
    { ...TARGET, metadata: { namespace, name: "web" }, spec: { replicas: 2 } },
    aPolicy({ namespace, name: "web" }, { mode: "Paused" }),
  ]);
  proxy = await startFaultProxy(plane);
  kubeconfig = proxy.through((await plane.serviceAccountKubeconfig(namespace, "default")).kubeconfig);
  open = await openApi(kubeconfig, namespace);
});
afterAll(async () => {
  await open.transport.close();
  proxy.close();
  await plane.request("DELETE", `/api/v1/namespaces/${namespace}`);
  console.log(
    `API errors: ${cells} cells, ${OUTCOME_NAMES.length} outcomes at ${cells / OUTCOME_NAMES.length} places`,
  );
  expect(cells).toBe(CELLS);
});

type Told = Readonly<{ kind: string; retryAfter?: unknown }>;

/** What a caller is told; `reset`: a GET is asked for a second time, for it had no effect. */
const TOLD: Readonly<Record<OutcomeName, Readonly<{ read: string; write: string }>>> = {
  "400": { read: "refused", write: "refused" },
  "401": { read: "forbidden", write: "forbidden" },
  "403": { read: "forbidden", write: "forbidden" },
  "404": { read: "absent", write: "absent" },
  "409 conflict": { read: "refused", write: "conflict" },
  "409 exists": { read: "refused", write: "conflict" },
  "410": { read: "refused", write: "refused" },
  "413": { read: "refused", write: "refused" },
  "415": { read: "refused", write: "refused" },
  "422": { read: "refused", write: "refused" },
  "429": { read: "throttled", write: "throttled" },
  "429 with Retry-After": { read: "throttled", write: "throttled" },
  "500": { read: "failed", write: "failed" },
  "503": { read: "failed", write: "failed" },
  "504": { read: "failed", write: "failed" },
  "reset before headers": { read: "unreachable", write: "unreachable" },
  "cut mid-body": { read: "unreachable", write: "unreachable" },
  // a write may have happened
  "200 with wrong kind": { read: "failed", write: "unreachable" },
};

type Place = Readonly<{
  place: string;
  does: "read" | "write";
  match: Match;
  /** Brings the world to where the call makes sense, and answers the call. */
  prepare(): Promise<() => Promise<Told>>;
  /** Where this place has an answer of its own to an outcome. */
  own?: Partial<Record<OutcomeName, string>>;
}>;

const record = (holder: string): LeaseRecord => ({
  holder,
  duration: seconds(15),
  acquiredAt: epochMillis(1_700_000_000_000),
  renewedAt: epochMillis(1_700_000_000_000),
  transitions: 0,
});
const leasePath = (): string => `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases/plimsoll`;

async function makeLease(): Promise<void> {
  await plane.request("DELETE", leasePath());
  expect(await open.api.createLease(record("before"), never)).toMatchObject({ kind: "written" });
}

async function read<T>(outcome: Promise<Readonly<{ kind: "read"; value: T }> | Told>): Promise<T> {
  const given = await outcome;
  if (!("value" in given)) expect.fail(`not read: ${JSON.stringify(given)}`);
  return given.value;
}

async function policyMeta(): Promise<Meta> {
  const path = `/apis/plimsoll.dev/v1alpha1/namespaces/${namespace}/scalepolicies/web`;
  const { metadata } = (await plane.request("GET", path)).body as {
    metadata: { uid: string; resourceVersion: string; generation: number };
  };
  const { resourceVersion, generation } = metadata;
  const rest = { namespace, name: "web", createdAt: epochMillis(0), deleting: false, owner: undefined };
  return { ...rest, uid: uid(metadata.uid), resourceVersion, generation };
}

let notes = 0;
const freshEvent = async () => ({
  ...EVENT,
  policy: await policyMeta(),
  note: `${EVENT.note} (${++notes})`,
  at: epochMillis(Date.now()),
});

const PLACES: readonly Place[] = [
  {
    place: "reading the server's version",
    does: "read",
    match: { path: "/version" },
    prepare: async () => () => fetchServerVersion(open.transport),
  },
  {
    place: "discovering where a kind is served",
    does: "read",
    match: { path: "/apis/harbour.example.com/v1" },
    async prepare() {
      const fresh = await openApi(kubeconfig, namespace);
      return async () => {
        const told = await fresh.api.readScale(namespace, TARGET);
        if (told.kind === "read") await fresh.transport.close();
        return told;
      };
    },
  },
  {
    place: "reading a scale",
    does: "read",
    match: { verb: "get", resource: "cranes/scale" },
    prepare: async () => () => open.api.readScale(namespace, TARGET),
  },
  {
    place: "writing a scale",
    does: "write",
    match: { verb: "update", resource: "cranes/scale" },
    async prepare() {
      return async () => {
        const scale = await read(open.api.readScale(namespace, TARGET));
        return open.api.writeScale(namespace, TARGET, scale, wish(scale.replicas === 2 ? 3 : 2));
      };
    },
  },
  {
    place: "writing a status",
    does: "write",
    match: { verb: "patch", resource: "scalepolicies/status" },
    prepare: async () => async () => open.api.writeStatus(await policyMeta(), STATUS),
  },
  {
    place: "making an event",
    does: "write",
    match: { verb: "create", resource: "events" },
    async prepare() {
      const event = await freshEvent();
      return () => open.api.emit(event);
    },
  },
  {
    place: "counting an event once more",
    does: "write",
    match: { verb: "patch", resource: "events" },
    async prepare() {
      const event = await freshEvent();
      expect(await open.api.emit(event)).toMatchObject({ kind: "written" });
      return () => open.api.emit(event);
    },
    // it has expired, so it is made anew
    own: { "404": "written" },
  },
  {
    place: "reading the Lease",
    does: "read",
    match: { verb: "get", resource: "leases" },
    async prepare() {
      await makeLease();
      return () => open.api.readLease(never);
    },
  },
  {
    place: "making the Lease",
    does: "write",
    match: { verb: "create", resource: "leases" },
    async prepare() {
      return async () => {
        await plane.request("DELETE", leasePath());
        return open.api.createLease(record("me"), never);
      };
    },
  },
  {
    place: "renewing the Lease",
    does: "write",
    match: { verb: "update", resource: "leases" },
    async prepare() {
      await makeLease();
      return async () =>
        open.api.updateLease(await read(open.api.readLease(never)), record(`me ${++notes}`), never);
    },
  },
];

describe.each(PLACES)("$place", ({ does, match, prepare, own = {} }) => {
  test.each(OUTCOME_NAMES)("%s", async (outcome) => {
    const call = await prepare();
    const rule = proxy.add({ match, fault: OUTCOMES[outcome] });
    const from = proxy.log.length;
    const told = await call();
    rule.lift();
    expect(told.kind).toBe(own[outcome] ?? TOLD[outcome][does]);
    if (outcome === "429 with Retry-After") expect(told.retryAfter).toBe(RETRY_AFTER_SECONDS * 1000);
    const isRepeated = does === "read" && outcome === "reset before headers";
    expect(rule.met(), "times asked").toBe(isRepeated ? 2 : 1);
    const met = proxy.log.slice(from).filter(({ fault }) => fault !== undefined);
    const heard = met.map(({ status }) => status !== undefined && status < 300);
    expect(heard, "the API server heard of it").toEqual(met.map(() => outcome === "cut mid-body"));
    expect((await call()).kind).toBe(does === "read" ? "read" : "written");
    cells += 1;
  });
});

describe("watching the Lease", () => {
  test.each(OUTCOME_NAMES)("%s: it is asked again until it is told", async (outcome) => {
    await makeLease();
    const times = outcome === "reset before headers" ? 4 : 2;
    const rule = proxy.add({ match: { verb: "watch", resource: "leases" }, fault: OUTCOMES[outcome], times });
    const holder = await new Promise<string>((told) => {
      const end = new AbortController();
      void followThrough.lease(kubeconfig, namespace).then(({ api, transport }) =>
        api
          .watchLease(({ record: { holder: name } }) => {
            if (rule.met() < times) return;
            end.abort();
            told(name);
          }, end.signal)
          .then(() => transport.close()),
      );
    });
    rule.lift();
    expect([holder, rule.met()]).toEqual(["before", times]);
    cells += 1;
  });
});

describe.each(KINDS)("following %s", (kind) => {
  describe.each(Object.keys(FOLLOWING) as Stage[])("%s", (stage) => {
    test.each(OUTCOME_NAMES)("%s", async (outcome) => {
      const expected = FOLLOWING[stage][outcome];
      const { troubles, next, waits } = await followThrough.kind({ proxy, kubeconfig, kind, stage, outcome });
      expect({ troubles, next }).toEqual({
        troubles: expected.problem === undefined ? [] : [expected.problem],
        next: expected.next,
      });
      const least = outcome === "429 with Retry-After" ? RETRY_AFTER_SECONDS * 1000 : 800;
      for (const wait of waits) expect(wait).toBeGreaterThanOrEqual(least);
      cells += 1;
    });
  });
});
