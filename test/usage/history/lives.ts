/** Lives of containers for tests: what a container name used, minute by minute, from midnight UTC on. */
import { uid } from "../../../src/base/ids.ts";
import type { EpochMillis } from "../../../src/base/units.ts";
import { bytes, epochMillis, milliCores, minutes } from "../../../src/base/units.ts";
import { ContainerHistory } from "../../../src/usage/history/container-history.ts";
import type { HistorySnapshot } from "../../../src/usage/history/snapshot.ts";
import { HALF_LIVES } from "../../../src/usage/history/store.ts";

export const MIDNIGHT = epochMillis(Date.UTC(2025, 6, 31));
export const POD = uid("pod-a");
export const MIB = 2 ** 20;
export const DAY = 24 * 60;

export const minuteAt = (minute: number): EpochMillis => epochMillis(MIDNIGHT + minute * minutes(1));

/** One CPU sample a minute, in millicores. */
export function cpuLife(length: number, usage: (minute: number) => number): HistorySnapshot {
  const history = new ContainerHistory(HALF_LIVES);
  for (let minute = 0; minute < length; minute += 1)
    history.addCpu(POD, minuteAt(minute), milliCores(usage(minute)));
  return history.snapshot();
}

/** One memory sample a day, in bytes. */
export function memoryLife(...peaks: readonly number[]): HistorySnapshot {
  const history = new ContainerHistory(HALF_LIVES);
  peaks.forEach((peak, day) => history.addMemory(POD, minuteAt(day * DAY), bytes(peak)));
  return history.snapshot();
}

/** Killed by lack of memory before anything was measured. */
export function killedLife(request: number): HistorySnapshot {
  const history = new ContainerHistory(HALF_LIVES);
  history.addOom(POD, minuteAt(0), bytes(request));
  return history.snapshot();
}
