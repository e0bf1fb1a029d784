/**
 * Looks at something again and again while a test goes on, and keeps every answer that is new. So a test can say of a whole
 * stretch of time what was never seen in it.
 */
import { setTimeout as wait } from "node:timers/promises";
import { readAmount } from "../../src/base/quantity.ts";
import type { ControlPlane } from "../control-plane/connection.ts";

export type Witness<T> = Readonly<{
  /** Grows. */
  seen: readonly T[];
  stop(): Promise<readonly T[]>;
}>;

/** CPU in thousandths of a core, memory in MiB. */
export type ContainerFigures = Readonly<{ name: string; cpu: number; memory: number }>;
export type PodFigures = Readonly<{
  name: string;
  timestamp: string;
  /** In seconds. */
  window: number;
  containers: readonly ContainerFigures[];
}>;

const LOOK_EVERY_MILLIS = 400;

/** Answers are compared as JSON. */
export function watchAgain<T>(look: () => Promise<T | undefined>): Witness<T> {
  const seen: T[] = [];
  let isOver = false;
  const looking = (async () => {
    let last = "";
    while (!isOver) {
      const answer = await look();
      const text = JSON.stringify(answer);
      if (answer !== undefined && text !== last) seen.push(answer);
      last = text;
      await wait(LOOK_EVERY_MILLIS);
    }
  })();
  return {
    seen,
    async stop() {
      isOver = true;
      await looking;
      return seen;
    },
  };
}

/** What `metrics.k8s.io` says of a namespace's pods; through the aggregation layer. */
export const watchMetrics = (plane: ControlPlane, namespace: string): Witness<readonly PodFigures[]> =>
  watchAgain(() => figuresOf(plane, namespace));

/** Undefined while nobody answers. */
export async function figuresOf({ request }: ControlPlane, namespace: string) {
  const { status, body } = await request("GET", `/apis/metrics.k8s.io/v1beta1/namespaces/${namespace}/pods`);
  return status === 200 ? (body as { items: readonly PodMetrics[] }).items.map(podFigures) : undefined;
}

type PodMetrics = Readonly<{
  metadata: { name: string };
  timestamp: string;
  window: string;
  containers: readonly { name: string; usage: { cpu: string; memory: string } }[];
}>;

function podFigures({ metadata: { name }, timestamp, window, containers }: PodMetrics): PodFigures {
  const figures = containers.map(({ name: container, usage }) => ({
    name: container,
    cpu: readAmount(usage.cpu) ?? Number.NaN,
    memory: (readAmount(usage.memory) ?? Number.NaN) / 1000 / 2 ** 20,
  }));
  return { name, timestamp, window: Number.parseFloat(window), containers: figures };
}
