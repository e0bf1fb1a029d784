/**
 * How long a kubelet takes until its own numbers show a step: it is asked twice a second, and the pods' last rates are
 * compared with what they use.
 *
 * Invariant: a step is shown when the mean rate of the Deployment's containers is nearer to the new amount than to the old one.
 */
import { setTimeout as wait } from "node:timers/promises";
import { createDecodeScratch, NodeDecoder } from "../../../src/scrape/decode.ts";
import { epochMillis } from "../../../src/base/units.ts";
import type { Place } from "../../cluster/manifests.ts";
import type { Requester } from "../../control-plane/api-request.ts";

/** CPU in nanoseconds of a core, stamps in milliseconds. */
type Point = Readonly<{ cpu: number; at: number }>;
type Rate = { last: Point; milli: number | undefined };
type Pending = Readonly<{ from: number; to: number; began: number }>;

const LOOK_EVERY_MILLIS = 500;

export function watchKubelet(kubelet: Requester) {
  const decoder = new NodeDecoder(createDecodeScratch());
  const rates = new Map<string, Rate>();
  const amounts = new Map<string, number>();
  const pending = new Map<string, Pending>();
  const shares: number[] = [];
  let isOver = false;

  const look = async (): Promise<void> => {
    const { status, body } = await kubelet("GET", "/metrics/resource");
    if (status !== 200) return;
    const { columns } = decoder.decode(Buffer.from(String(body)), epochMillis(Date.now()));
    columns.series.forEach((_, index) => {
      const { series, cpu, at } = columns.row(index);
      renew(rates, `${series.namespace}/${series.pod}`, { cpu, at });
    });
    for (const [key, step] of pending) {
      const mean = meanRate(rates, key);
      if (mean === undefined || Math.abs(mean - step.to) >= Math.abs(mean - step.from)) continue;
      shares.push((performance.now() - step.began) / 1000);
      pending.delete(key);
    }
  };
  const looking = (async () => {
    while (!isOver) {
      await look();
      await wait(LOOK_EVERY_MILLIS);
    }
  })();
  return {
    /** A Deployment's pods use so many thousandths of a core from now on. */
    expect({ namespace, name }: Place, milli: number): void {
      const key = `${namespace}/${name}-`;
      const from = amounts.get(key);
      amounts.set(key, milli);
      if (from !== undefined) pending.set(key, { from, to: milli, began: performance.now() });
    },
    /** Seconds, one for each step that was shown before the next. */
    async stop(): Promise<readonly number[]> {
      isOver = true;
      await looking;
      return shares;
    },
  };
}

function renew(rates: Map<string, Rate>, key: string, point: Point): void {
  const known = rates.get(key);
  if (known === undefined) rates.set(key, { last: point, milli: undefined });
  else if (point.at > known.last.at) {
    known.milli = (point.cpu - known.last.cpu) / 1e6 / ((point.at - known.last.at) / 1000);
    known.last = point;
  }
}

function meanRate(rates: ReadonlyMap<string, Rate>, prefix: string): number | undefined {
  const known = [...rates].filter(([key]) => key.startsWith(prefix)).map(([, { milli }]) => milli);
  const measured = known.filter((milli) => milli !== undefined);
  return measured.length === 0 ? undefined : measured.reduce((sum, each) => sum + each, 0) / measured.length;
}
