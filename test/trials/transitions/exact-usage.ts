/**
 * Kubelets without noise: the pods of a workload share its demand to the nanosecond, so that two worlds with the
 * same count have the same usage, whatever their pods are called and whenever they are asked.
 *
 * A counter is what its pod has used since its start, at the rate of now and of the time that was seen.
 */
import { must } from "../../../src/base/assert.ts";
import type { SimModel } from "../../../src/sim/model.ts";
import type { VirtualTime } from "../../../src/sim/clock.ts";
import type { Fault } from "../../../src/sim/ports/fault.ts";
import { rewrite, textOf } from "../metric-defects/lines.ts";

export type Demand = Readonly<{ cores: number; bytes: number }>;

type Meter = { at: number; used: number };

/** `demandOf`: what is asked of the pods of `workload` in a namespace together. */
export function exactUsage(
  { model, time }: Readonly<{ model: SimModel; time: VirtualTime }>,
  demandOf: (namespace: string, workload: string) => Demand,
): Fault {
  const meters = new Map<string, Meter>();
  /** What a pod's counter is short of its workload's. */
  const births = new Map<string, number>();
  const shareOf = (namespace: string, workload: string): Demand => {
    const count = Math.max(1, model.replicas(namespace, workload).ready);
    const { cores, bytes } = demandOf(namespace, workload);
    return { cores: cores / count, bytes: Math.round(bytes / count) };
  };
  const usedBy = (namespace: string, workload: string, cores: number): number => {
    const key = `${namespace}/${workload}`;
    const now = time.now() / 1000;
    const meter = meters.get(key) ?? { at: now, used: 0 };
    meter.used += cores * (now - meter.at);
    meter.at = now;
    meters.set(key, meter);
    return meter.used;
  };
  const tell = (answer: string): string => {
    const starts = new Map<string, number>();
    rewrite(answer, ({ family, namespace, pod, value }, text) => {
      if (family === "start") starts.set(`${namespace}/${pod}`, Number(value));
      return text;
    });
    return rewrite(answer, (line) => {
      const { family, namespace, pod } = line;
      if (family === "start") return textOf(line);
      const { cores, bytes } = shareOf(namespace, workloadOf(pod));
      const stamp = String(Math.floor(time.wall()));
      if (family === "memory") return textOf({ ...line, value: String(bytes), stamp });
      const used = usedBy(namespace, workloadOf(pod), cores);
      const age =
        time.wall() / 1000 - must(starts.get(`${namespace}/${pod}`), "every container says when it began");
      const birth = births.get(`${namespace}/${pod}`) ?? used - cores * age - 1e-6;
      births.set(`${namespace}/${pod}`, birth);
      return textOf({ ...line, value: (used - birth).toFixed(9), stamp });
    });
  };
  return { name: "exact usage", garble: (_, answer) => tell(answer) };
}

/** `web-7f-12` and `db-0` are pods of `web` and `db`. */
const workloadOf = (pod: string): string => must(pod.split("-")[0], "a name has a first part");
