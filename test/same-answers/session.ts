/**
 * One run: recording kubelets, the real metrics-server and our operator on one control plane, round by round.
 *
 * Invariant: a round begins when both have stored the one before and were compared.
 */
import { setTimeout as wait } from "node:timers/promises";
import { adminOf, startOperator } from "../cluster/operator-process.ts";
import type { ControlPlane } from "../control-plane/connection.ts";
import { startMetricsServer } from "../control-plane/peers.ts";
import { serveCrd } from "../soak/fleet.ts";
import { applyChanges } from "./changes.ts";
import { compareLists, type Comparison, readList } from "./compare.ts";
import { type Kubelets, startKubelets } from "./kubelets.ts";
import { ROUND_MILLIS } from "./lives.ts";
import { type Round, roundsOf } from "./script.ts";

export type Sum = Readonly<{
  rounds: number;
  objects: number;
  fields: number;
  named: ReadonlyMap<string, number>;
  findings: readonly string[];
}>;
export type SessionOptions = Readonly<{ rounds: number; seed: number; say?: (line: string) => void }>;
type Ports = Readonly<{ ours: number; theirs: number }>;

/** From an answer to what is served of it. */
const STORED_WITHIN_MILLIS = 6_000;
const LOOK_EVERY_MILLIS = 100;

/** The plane is the run's own: both servers read every node on it. */
export async function runSameAnswers(plane: ControlPlane, options: SessionOptions): Promise<Sum> {
  const { rounds, seed, say = () => undefined } = options;
  await serveCrd(plane);
  const namespace = await plane.namespace("same");
  const kubelets = await startKubelets(plane);
  const script = roundsOf({ seed, namespace, began: Date.now() });
  const toKubelets = [`--kubelet-port=${kubelets.port}`, "--kubelet-use-node-status-port=false"];
  const step = async (): Promise<Round> => {
    const { value: round } = script.next();
    for (const node of round.answers.keys()) kubelets.announce(node);
    await applyChanges(plane, namespace, round.changes);
    kubelets.serve(round.answers);
    return round;
  };
  const first = await step();
  const operator = await startOperator(plane, {
    args: [`--metric-resolution=${ROUND_MILLIS / 1000}s`, ...toKubelets],
  });
  const running: { stop(): Promise<unknown> }[] = [operator];
  try {
    // at once, and at its moment: metrics-server's comes after that, and leaves time to compare
    await kubelets.hadBy(["ours"], 2);
    const theirs = await startMetricsServer(plane, {
      resolution: `${ROUND_MILLIS / 1000}s`,
      args: toKubelets,
    });
    running.push(theirs);
    const ports = { ours: operator.securePort, theirs: theirs.port };
    const seen = await followFirst(plane, kubelets, { ports, first });
    if (seen !== undefined) throw new Error(seen);
    return await compareRounds({ plane, kubelets, ports, rounds, step, say });
  } finally {
    for (const one of running.toReversed()) await one.stop();
    kubelets.close();
  }
}

/** After one round metrics-server has nothing, and we say when there will be something. */
async function followFirst(
  plane: ControlPlane,
  kubelets: Kubelets,
  { ports }: Readonly<{ ports: Ports; first: Round }>,
): Promise<string | undefined> {
  await kubelets.hadBy(["theirs"]);
  const lists = () =>
    Promise.all([ports.ours, ports.theirs].map((port) => readList(port, "nodes", adminOf(plane))));
  const [ours, theirs] = await lists();
  if (theirs?.status !== 200 || theirs.items.size > 0) return "metrics-server serves nodes after one round";
  return ours?.status === 503 ? undefined : `after one round we answer ${ours?.status}`;
}

type Comparing = Readonly<{
  plane: ControlPlane;
  kubelets: Kubelets;
  ports: Ports;
  rounds: number;
  step(): Promise<Round>;
  say(line: string): void;
}>;

async function compareRounds({ plane, kubelets, ports, rounds, step, say }: Comparing): Promise<Sum> {
  const findings: string[] = [];
  const named = new Map<string, number>();
  let [objects, fields] = [0, 0];
  for (let nth = 1; nth < rounds; nth++) {
    const round = await step();
    await kubelets.hadBy(["ours", "theirs"]);
    const compared = await settled(plane, ports, round);
    for (const one of compared) {
      objects += one.objects;
      fields += one.fields;
      findings.push(...one.findings.map((finding) => `round ${round.number}: ${finding}`));
      for (const [why, count] of one.named) named.set(why, (named.get(why) ?? 0) + count);
    }
    const sum = compared.map((one) => `${one.objects} objects, ${one.findings.length} findings`);
    say([`round ${round.number}: ${sum.join("; ")}`, ...compared.flatMap((one) => one.findings)].join("\n"));
  }
  return { rounds, objects, fields, named, findings };
}

/** What both serve once the round is stored, or what still differs when it should have been. */
async function settled(plane: ControlPlane, ports: Ports, round: Round): Promise<readonly Comparison[]> {
  const client = adminOf(plane);
  const deadline = performance.now() + STORED_WITHIN_MILLIS;
  for (;;) {
    const compared = await Promise.all(
      (["nodes", "pods"] as const).map(async (plural) => {
        const [ours, theirs] = await Promise.all([
          readList(ports.ours, plural, client),
          readList(ports.theirs, plural, client),
        ]);
        return compareLists(ours, theirs, round.differences);
      }),
    );
    if (compared.every(({ findings }) => findings.length === 0) || performance.now() > deadline)
      return compared;
    await wait(LOOK_EVERY_MILLIS);
  }
}
