/**
 * Pods as a report counts them: those that have not ended, with their owner and what happened to their
 * containers.
 */
import {
  type Amounts,
  type Bytes,
  bytes,
  type EpochMillis,
  milliCores,
  type MilliUnits,
  type RequestAmounts,
} from "../../../base/units.ts";
import type { Labels, Owner } from "../../../cluster/object.ts";
import type { ContainerShape, OomKill, PodShape } from "../../../cluster/pod.ts";
import type { SubjectContainer } from "../../../rightsizing/subject.ts";
import type { Shared } from "../watch/trim/meta.ts";
import { trimPod } from "../watch/trim/pod.ts";
import { count, type Raw, record, records, text } from "../watch/trim/raw.ts";

export type SurveyedPod = Readonly<{
  namespace: string;
  name: string;
  owner: Owner | undefined;
  labels: Labels;
  shape: PodShape;
  /** By container. */
  restarts: ReadonlyMap<string, number>;
  oomKills: readonly OomKill[];
  annotated: boolean;
}>;

/** Requests that the operator wrote, beside their base. */
const REQUESTS_ANNOTATION = "plimsoll.dev/requests";
/** What happened longer ago says little about the requests of today. */
const RECENT_MS = 14 * 86_400_000;

export function readPod(raw: Raw, shared: Shared, now: EpochMillis): SurveyedPod | undefined {
  const pod = trimPod(raw, shared);
  if (pod === undefined || pod.phase === "Succeeded" || pod.phase === "Failed") return undefined;
  const { meta, labels, shape } = pod;
  const status = record(raw["status"]);
  const restarts = new Map<string, number>();
  for (const list of [status["containerStatuses"], status["initContainerStatuses"]])
    for (const { name, restartCount } of records(list))
      restarts.set(text(name) ?? "", count(restartCount) ?? 0);
  const annotations = record(record(raw["metadata"])["annotations"]);
  return {
    namespace: meta.namespace,
    name: meta.name,
    owner: meta.owner,
    labels,
    shape,
    restarts,
    oomKills: pod.oomKills.filter(({ at }) => at > now - RECENT_MS),
    annotated: text(annotations[REQUESTS_ANNOTATION]) !== undefined,
  };
}

/** As most pods have them: during a rollout, those of the revision that has the most pods. */
export function containersOf(pods: readonly SurveyedPod[]): readonly SubjectContainer[] {
  const shapes = Map.groupBy(pods, ({ shape }) => shape);
  const [most] = [...shapes].toSorted(([, a], [, b]) => b.length - a.length);
  return (most?.[0].containers ?? []).map((shape) => ({
    ...amountsOf(shape),
    restarts: pods.reduce((sum, { restarts }) => sum + (restarts.get(shape.name) ?? 0), 0),
    oomKills: pods.flatMap(({ name, oomKills }) =>
      oomKills
        .filter(({ container }) => container === shape.name)
        .map(({ at, request }) => ({ pod: name, at, request: request && inBytes(request) })),
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
const inBytes = (memory: MilliUnits): Bytes => bytes(Math.ceil(memory / 1000));

export function requestAmounts({ cpu, memory }: Amounts): RequestAmounts {
  return {
    ...(cpu !== undefined && { cpu: milliCores(cpu) }),
    ...(memory !== undefined && { memory: inBytes(memory) }),
  };
}
