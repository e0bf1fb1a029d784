/**
 * Gathers one question about requests: what the containers of a workload have used and ask for now.
 *
 * Invariant: every container of the newest pod is in the question, in the order of names, with its history or
 * without; a name that only earlier pods had is not, for it would share the pod's minimum (the VPA keeps it).
 */
import { bytes, milliCores, type EpochMillis, type RequestAmounts, type Amounts } from "../../base/units.ts";
import type { ContainerShape, PodShape } from "../../cluster/pod.ts";
import type { VerticalSpec } from "../../policy/vertical/spec.ts";
import type { HistorySnapshot } from "../../usage/history/snapshot.ts";
import type { ContainerQuestion, VerticalQuestion, VerticalSettings } from "../../vertical/question.ts";

export type VerticalMatter = Readonly<{
  now: EpochMillis;
  spec: VerticalSpec;
  settings: VerticalSettings;
  /** Of the newest pod, or of the last one that there was; undefined: there never was any. */
  shape: PodShape | undefined;
  /** By container name. */
  histories: ReadonlyMap<string, HistorySnapshot>;
}>;

export function askVertical({ now, spec, settings, shape, histories }: VerticalMatter): VerticalQuestion {
  const containers = (shape?.containers ?? []).map((container) =>
    questionOn(container, histories.get(container.name)),
  );
  return { now, spec, settings, containers: containers.toSorted(byName) };
}

const questionOn = (
  { name, role, requests, limits }: ContainerShape,
  history: HistorySnapshot | undefined,
): ContainerQuestion => ({
  name,
  role,
  history,
  requests: inRequestUnits(requests),
  limits: inRequestUnits(limits),
});

/** Whole millicores and bytes; a fraction rounds up, as it does for whoever schedules it. */
const inRequestUnits = ({ cpu, memory }: Amounts): RequestAmounts => ({
  ...(cpu === undefined ? {} : { cpu: milliCores(cpu) }),
  ...(memory === undefined ? {} : { memory: bytes(Math.ceil(memory / 1000)) }),
});

const byName = (a: ContainerQuestion, b: ContainerQuestion): number =>
  a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
