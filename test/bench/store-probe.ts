/**
 * Fills a store through decoders as the scraper does, in a process of its own, and prints what it costs.
 * Run by store.bench.ts with --expose-gc; arguments: the names of each pod's containers.
 */
import { nodeName, uid } from "../../src/base/ids.ts";
import type { Uid } from "../../src/base/ids.ts";
import { epochMillis, monoMillis, seconds } from "../../src/base/units.ts";
import type { Pod } from "../../src/cluster/pod.ts";
import { NodeDecoder, createDecodeScratch } from "../../src/scrape/decode.ts";
import { Ingestion } from "../../src/scrape/ingestion.ts";
import { createStore } from "../../src/store/store.ts";
import { aRunningPod, aShape } from "../scrape/nodes.ts";
import { Fleet } from "./fleet.ts";
import { heldBytes } from "./heap.ts";
import type { StoreFigures } from "./store.bench.ts";

const CONTAINERS = 100_000;
const PODS_PER_NODE = 50;
const ROUNDS = 20;
const NODES_AT_A_TIME = 100;
const T0 = 1_795_577_044_000;

const names = process.argv.slice(2);
const nodes = CONTAINERS / PODS_PER_NODE / names.length;
const shape = aShape(Object.fromEntries(names.map((name) => [name, "main" as const])));

/** Cluster state is not counted: pods are there before the first measurement. */
const fleets = Array.from({ length: nodes / NODES_AT_A_TIME }, (_, part) => {
  return new Fleet({ nodes: NODES_AT_A_TIME, podsPerNode: PODS_PER_NODE, containers: names }, part + 1);
});
const pods = new Map<string, Pod>();
const uids: Uid[] = [];
for (const [part, fleet] of fleets.entries())
  for (const [node, containers] of fleet.nodes.entries())
    for (const { namespace, pod } of containers) register(namespace, pod, `node-${part}-${node}`);

let store = createStore({ resolution: seconds(15) });
const ingestion = new Ingestion((namespace, name) => pods.get(`${namespace}/${name}`));
const scratch = createDecodeScratch();
let decoders = new Map<string, NodeDecoder>();

let roundMillis = 0;
for (let round = 0; round < ROUNDS; round++) {
  roundMillis = 0;
  for (const [part, fleet] of fleets.entries()) {
    if (round > 0) fleet.advance(0);
    for (let node = 0; node < NODES_AT_A_TIME; node++) {
      const body = fleet.answer(node);
      const begin = performance.now();
      take(`node-${part}-${node}`, body, round);
      roundMillis += performance.now() - begin;
    }
  }
}
const after = await heldBytes();

let begin = performance.now();
let read = 0;
for (const pod of uids) if (store.reader.pod(pod).kind === "usage") read++;
const readMillis = performance.now() - begin;
if (read !== uids.length) throw new Error(`${uids.length - read} pods have no usage`);

begin = performance.now();
store.writer.evict(monoMillis(ROUNDS * 15_000));
const { containers } = store.points();
const houseMillis = performance.now() - begin;

// What is let go of, one after the other, is what it held.
decoders = new Map();
const withoutDecoders = await heldBytes();
store = createStore({ resolution: seconds(15) });
const figures: StoreFigures = {
  containers,
  bytesInStore: withoutDecoders - (await heldBytes()),
  bytesInDecoders: after - withoutDecoders,
  roundMillis,
  readMillis,
  houseMillis,
};
console.log(JSON.stringify(figures));

function register(namespace: string, name: string, node: string): void {
  const key = `${namespace}/${name}`;
  if (pods.has(key)) return;
  const made = aRunningPod(name, {
    shape,
    node: nodeName(node),
    meta: { namespace, uid: uid(crypto.randomUUID()) },
  });
  pods.set(key, made);
  uids.push(made.meta.uid);
}

function take(node: string, body: Buffer, round: number): void {
  const decoder = decoders.get(node) ?? new NodeDecoder(scratch);
  decoders.set(node, decoder);
  const wall = epochMillis(T0 + round * 15_000);
  const arrival = { node: nodeName(node), arrivedAt: monoMillis(round * 15_000 + 1), wall };
  store.writer.append(ingestion.ingest(decoder.decode(body, wall), arrival).batch);
}
