/**
 * Pods as a report counts them: those that have not ended, with their owner and what happened to their
 * containers.
 */
import {
  type Amounts,
  bytes,
  type EpochMillis,
  milliCores,
  type RequestAmounts,
} from "../../../base/units.ts";
import type { Labels, Owner } from "../../../cluster/object.ts";
import type { ContainerShape, PodShape } from "../../../cluster/pod.ts";
import type { SubjectContainer } from "../../../rightsizing/subject.ts";
import type { Shared } from "../watch/trim/meta.ts";
import { trimPod } from "../watch/trim/pod.ts";
import { count, moment, type Raw, record, records, text } from "../watch/trim/raw.ts";

export type SurveyedPod = Readonly<{
  namespace: string;
  name: string;
  owner: Owner | undefined;
  labels: Labels;
  shape: PodShape;
  happened: ReadonlyMap<string, Happened>;
  annotated: boolean;
}>;

type Happened = Readonly<{ restarts: number; oomKills: readonly EpochMillis[] }>;

/** Requests that the operator wrote, beside their base. */
const REQUESTS_ANNOTATION = "plimsoll.dev/requests";
/** What happened longer ago says little about the requests of today. */
const RECENT_MS = 14 * 86_400_000;

export function readPod(raw: Raw, shared: Shared, now: EpochMillis): SurveyedPod | undefined {
  const pod = trimPod(raw, shared);
  if (pod === undefined || pod.phase === "Succeeded" || pod.phase === "Failed") return undefined;
  const { meta, labels, shape } = pod;
  const status = record(raw["status"]);
  const happened = new Map<string, Happened>();
  for (const list of [status["containerStatuses"], status["initContainerStatuses"]])
    for (const one of records(list)) happened.set(text(one["name"]) ?? "", happenedTo(one, now));
  const annotations = record(record(raw["metadata"])["annotations"]);
  return {
    namespace: meta.namespace,
    name: meta.name,
    owner: meta.owner,
    labels,
    shape,
    happened,
    annotated: text(annotations[REQUESTS_ANNOTATION]) !== undefined,
  };
}

function happenedTo(status: Raw, now: EpochMillis): Happened {
  const ends = [status["state"], status["lastState"]].map((state) => record(record(state)["terminated"]));
  const killed = ends.flatMap(({ reason, finishedAt }) =>
    reason === "OOMKilled" ? (moment(finishedAt) ?? []) : [],
  );
  return {
    restarts: count(status["restartCount"]) ?? 0,
    oomKills: killed.filter((at) => at > now - RECENT_MS),
  };
}

/** As most pods have them: during a rollout, those of the revision that has the most pods. */
export function containersOf(pods: readonly SurveyedPod[]): readonly SubjectContainer[] {
  const shapes = Map.groupBy(pods, ({ shape }) => shape);
  const [most] = [...shapes].toSorted(([, a], [, b]) => b.length - a.length);
  return (most?.[0].containers ?? []).map((shape) => ({
    ...amountsOf(shape),
    restarts: pods.reduce((sum, { happened }) => sum + (happened.get(shape.name)?.restarts ?? 0), 0),
    oomKills: pods.flatMap(({ name, happened }) =>
      (happened.get(shape.name)?.oomKills ?? []).map((at) => ({ pod: name, at })),
    ),
  }));
}

/** Of a template: nothing has happened to it. */
export const containersOfShape = ({ containers }: PodShape): readonly SubjectContainer[] =>
  containers.map((shape) => ({ ...amountsOf(shape), restarts: 0, oomKills: [] }));

const amountsOf = ({ name, role, requests, limits }: ContainerShape) => ({
  name,
  role,
  requests: requestAmounts(requests),
  limits: requestAmounts(limits),
});

/** Thousandths of a byte become bytes. */
export function requestAmounts({ cpu, memory }: Amounts): RequestAmounts {
  return {
    ...(cpu !== undefined && { cpu: milliCores(cpu) }),
    ...(memory !== undefined && { memory: bytes(Math.ceil(memory / 1000)) }),
  };
}
