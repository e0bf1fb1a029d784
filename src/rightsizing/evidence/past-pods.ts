/**
 * Whose pod was this? A pod that is gone has left nothing but its name in the history.
 *
 *   Deployment web      web-7d4b9c6f5-x2x7k      name, template hash, five letters
 *   StatefulSet db      db-0
 *   DaemonSet agent     agent-x2x7k
 *   CronJob nightly     nightly-29387520-x2x7k   and of a Job: nightly-x2x7k
 *   (any other kind)    none: nothing is known of how it names its pods
 *
 * Invariant: a pod belongs to one workload at most: among those that could have named it, to the one with the
 * longest name. Names that are generated use no vowels, so that a namesake is rarely taken for a hash.
 */
import type { Subject, WorkloadRef } from "../subject.ts";

const LETTER = "[bcdfghjklmnpqrstvwxz2456789]";

const AFTER_NAME: Readonly<Record<string, RegExp>> = {
  Deployment: new RegExp(`^${LETTER}{1,10}-${LETTER}{5}$`),
  ReplicaSet: new RegExp(`^${LETTER}{5}$`),
  StatefulSet: /^\d{1,6}$/,
  DaemonSet: new RegExp(`^${LETTER}{5}$`),
  CronJob: new RegExp(`^\\d{8,10}-${LETTER}{5}$`),
  Job: new RegExp(`^${LETTER}{5}$`),
};

export function couldName({ kind, name }: WorkloadRef, pod: string): boolean {
  const shape = AFTER_NAME[kind];
  return shape !== undefined && pod.startsWith(`${name}-`) && shape.test(pod.slice(name.length + 1));
}

/** All subjects are of one namespace. Answers, for each, its pods of now and then. */
export function assignPods(
  subjects: readonly Subject[],
  seen: Iterable<string>,
): ReadonlyMap<Subject, readonly string[]> {
  const assigned = new Map(subjects.map((subject) => [subject, [...subject.pods]]));
  const present = new Set(subjects.flatMap(({ pods }) => pods));
  const longestFirst = subjects.toSorted((a, b) => b.workload.name.length - a.workload.name.length);
  for (const pod of seen) {
    if (present.has(pod)) continue;
    const owner = longestFirst.find(({ workload }) => couldName(workload, pod));
    if (owner !== undefined) assigned.get(owner)?.push(pod);
  }
  return assigned;
}
