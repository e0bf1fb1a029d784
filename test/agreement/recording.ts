/**
 * What a run leaves behind: the HPA controller's conversation, and every change of the objects that it and we rest on,
 * each with its moment.
 *
 * Invariant: pods are as the HPA's own watch told them; all other kinds as our own watch did, for the HPA reads none.
 */
import type { EpochMillis } from "../../src/base/units.ts";
import type { Kind, Kinds } from "../../src/cluster/port.ts";
import type { WatchEvent } from "../../src/cluster/watch-event.ts";
import {
  createPageDecoder,
  createWatchDecoder,
  type Decoder,
} from "../../src/real/apiserver/watch/decoder.ts";
import type { Input } from "../../src/real/apiserver/watch/machine.ts";
import { createClusterSource } from "../../src/real/apiserver/watch/source.ts";
import { createShared } from "../../src/real/apiserver/watch/trim/meta.ts";
import { trimPod } from "../../src/real/apiserver/watch/trim/pod.ts";
import type { Pod } from "../../src/cluster/pod.ts";
import { createClock } from "../../src/real/clock.ts";
import { createRandom } from "../../src/real/random.ts";
import { openTransport } from "../cluster/open-api.ts";
import type { ControlPlane } from "../control-plane/connection.ts";
import { type Exchange, type Listener, startRecordingProxy, wallNow } from "./recording-proxy.ts";

export type Change = {
  [K in Kind]: Readonly<{ at: EpochMillis; kind: K; event: WatchEvent<Kinds[K]> }>;
}[Kind];

export type Recording = Readonly<{
  /** In the order of their moments, each kind by itself. */
  changes: readonly Change[];
  exchanges: readonly Exchange[];
}>;

export type Recorder = Readonly<{
  /** For the HPA controller. */
  kubeconfig: string;
  recording: Recording;
  close(): Promise<void>;
}>;

const PODS = "/api/v1/pods";
/** What is kept of the conversation. */
const OF_INTEREST = /\/scale$|^\/apis\/metrics\.k8s\.io\/|\/horizontalpodautoscalers\/[^/]+\/status$/;
const OWN_KINDS: readonly Exclude<Kind, "pods">[] = ["nodes", "deployments", "replicasets", "scalepolicies"];

/** Our own kinds need their CRD; begins at once, ends with `close`. */
export async function startRecorder(plane: ControlPlane): Promise<Recorder> {
  const changes: Change[] = [];
  const exchanges: Exchange[] = [];
  const proxy = await startRecordingProxy(plane, listenerOf(changes, exchanges));
  const followed = await followOwn(plane, changes);
  return {
    kubeconfig: proxy.kubeconfig,
    recording: { changes, exchanges },
    async close() {
      proxy.close();
      await followed();
    },
  };
}

function listenerOf(changes: Change[], exchanges: Exchange[]): Listener {
  const shared = createShared();
  const readPod = (raw: Parameters<typeof trimPod>[0]): Pod | undefined => trimPod(raw, shared);
  const tell = (at: EpochMillis, event: WatchEvent<Pod>): void =>
    void changes.push({ at, kind: "pods", event });
  return {
    exchange(exchange) {
      if (OF_INTEREST.test(exchange.path)) exchanges.push(exchange);
      if (exchange.path === PODS && exchange.method === "GET" && exchange.status === 200)
        tellPage(createPageDecoder(readPod), exchange, tell);
    },
    watch({ path, query }) {
      if (path !== PODS) return undefined;
      const decoder = createWatchDecoder(readPod);
      const events = eventsOf(query.get("sendInitialEvents") === "true");
      return (chunk, at) => {
        for (const input of decoder.read(chunk)) for (const event of events(input)) tell(at, event);
      };
    },
  };
}

/** A list in one page; the HPA's informer asks for no more. */
function tellPage(
  decoder: Decoder<Pod>,
  { said, answeredAt }: Exchange,
  tell: (at: EpochMillis, event: WatchEvent<Pod>) => void,
): void {
  tell(answeredAt, { kind: "listing-began" });
  for (const input of decoder.read(Buffer.from(said)))
    if (input.kind === "object") tell(answeredAt, { kind: "listed", object: input.object });
  const end = decoder.end(0 as never);
  tell(answeredAt, {
    kind: "listing-ended",
    resourceVersion: end.kind === "page-end" ? end.resourceVersion : "",
  });
}

/** What a watch says, as changes of a cache: a WatchList lists first. */
function eventsOf(listsFirst: boolean): (input: Input<Pod>) => readonly WatchEvent<Pod>[] {
  let listing = listsFirst;
  let begun = false;
  return (input) => {
    const before: readonly WatchEvent<Pod>[] = listing && !begun ? [{ kind: "listing-began" }] : [];
    begun = true;
    if (input.kind === "gone")
      return [...before, { kind: "deleted", key: input.key, resourceVersion: input.resourceVersion }];
    if (input.kind === "object")
      return [...before, listing ? { kind: "listed", object: input.object } : { ...input, kind: "changed" }];
    if (input.kind !== "bookmark" || !listing || !input.endsListing) return before;
    listing = false;
    return [...before, { kind: "listing-ended", resourceVersion: input.resourceVersion }];
  };
}

/** Follows our own kinds with our own watch; resolves to what ends it. */
async function followOwn(plane: ControlPlane, changes: Change[]): Promise<() => Promise<void>> {
  const transport = await openTransport(plane.kubeconfig);
  const ports = { transport, clock: createClock(), random: createRandom(), log: () => undefined };
  const source = createClusterSource(ports, {});
  const end = new AbortController();
  const followOne = <K extends Kind>(kind: K): Promise<void> =>
    source.follow(
      kind,
      {
        apply: (event) => void changes.push({ at: wallNow(), kind, event } as Change),
        hear: () => undefined,
        trouble: () => undefined,
      },
      end.signal,
    );
  const following = OWN_KINDS.map((kind) => followOne(kind));
  return async () => {
    end.abort();
    await Promise.all(following);
    await transport.close();
  };
}
