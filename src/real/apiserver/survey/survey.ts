/**
 * The cluster as a report sees it, read once with the caller's rights: whatever runs pods, and who scales
 * it.
 *
 * Invariants: pods have to be readable, and nothing else; what could not be read beside them is told. A kind
 * that this cluster does not serve (a CRD that is not installed) is nothing to tell.
 */
import type { Clock } from "../../../base/clock.ts";
import type { Failure, ReadOutcome } from "../../../base/outcome.ts";
import { targetKey } from "../../../cluster/workload.ts";
import { parseSelector } from "../../../cluster/selector.ts";
import type { Scope, SurveySource } from "../../../rightsizing/port.ts";
import { type Scaler, type Subject, type Survey, workloadKey } from "../../../rightsizing/subject.ts";
import type { ApiTransport } from "../transport.ts";
import { createShared, type Shared, trimLabels, trimMeta } from "../watch/trim/meta.ts";
import { trimShape } from "../watch/trim/pod.ts";
import { type Raw, record } from "../watch/trim/raw.ts";
import { listItems } from "./list.ts";
import { containersOf, containersOfShape, readPod, type SurveyedPod } from "./pods.ts";
import { type Owned, workloadOf } from "./owners.ts";
import { readAutoscaler, readPolicyObject, type ReadPolicy } from "./scalers.ts";
import { readShown } from "./shown.ts";

type Kind = Readonly<{ group: string; plural: string; kind: string; lacks: string }>;

/** Whose template says what a pod of it will ask for, and what the report lacks without it. */
const WORKLOADS: readonly Kind[] = [
  { group: "apps/v1", plural: "deployments", kind: "Deployment", lacks: "Deployments without pods" },
  { group: "apps/v1", plural: "statefulsets", kind: "StatefulSet", lacks: "StatefulSets without pods" },
  { group: "apps/v1", plural: "daemonsets", kind: "DaemonSet", lacks: "DaemonSets without pods" },
  { group: "batch/v1", plural: "cronjobs", kind: "CronJob", lacks: "CronJobs between two runs" },
];
const MIDDLES: readonly Kind[] = [
  { group: "apps/v1", plural: "replicasets", kind: "ReplicaSet", lacks: "owners, guessed from names" },
  { group: "batch/v1", plural: "jobs", kind: "Job", lacks: "owners, guessed from names" },
];
const AUTOSCALERS: Kind = {
  group: "autoscaling/v2",
  plural: "horizontalpodautoscalers",
  kind: "HorizontalPodAutoscaler",
  lacks: "what HPAs follow",
};
const POLICIES: Kind = {
  group: "plimsoll.dev/v1alpha1",
  plural: "scalepolicies",
  kind: "ScalePolicy",
  lacks: "what policies follow and recommend",
};

export function createSurveySource(transport: ApiTransport, clock: Pick<Clock, "wall">): SurveySource {
  return {
    async survey(scope, signal): Promise<ReadOutcome<Survey>> {
      const reading = new Reading(transport, clock, { scope, signal });
      const failure = await reading.pods();
      if (failure !== undefined) return failure;
      for (const kind of MIDDLES) await reading.middles(kind);
      for (const kind of WORKLOADS) await reading.workloads(kind);
      await reading.autoscalers();
      await reading.policies();
      return { kind: "read", value: reading.survey() };
    },
  };
}

type Found = { owned: Owned; template: Raw | undefined; object: Raw | undefined; pods: SurveyedPod[] };

class Reading {
  readonly #transport: ApiTransport;
  readonly #clock: Pick<Clock, "wall">;
  readonly #scope: Scope;
  readonly #signal: AbortSignal;
  readonly #shared: Shared = createShared();
  readonly #pods: SurveyedPod[] = [];
  readonly #middles = new Map<string, ReturnType<typeof ownerOf>>();
  readonly #found = new Map<string, Found>();
  readonly #scalers = new Map<string, Scaler[]>();
  readonly #policies = new Map<string, ReadPolicy>();
  readonly #problems = new Set<string>();

  constructor(
    transport: ApiTransport,
    clock: Pick<Clock, "wall">,
    { scope, signal }: Readonly<{ scope: Scope; signal: AbortSignal }>,
  ) {
    this.#transport = transport;
    this.#clock = clock;
    this.#scope = scope;
    this.#signal = signal;
  }

  async pods(): Promise<Failure | undefined> {
    const now = this.#clock.wall();
    const outcome = await this.#list({ group: "v1", plural: "pods" }, (raw) => {
      const pod = readPod(raw, this.#shared, now);
      if (pod !== undefined) this.#pods.push(pod);
    });
    return outcome.kind === "listed" ? undefined : outcome;
  }

  async middles(kind: Kind): Promise<void> {
    await this.#read(kind, (raw) => {
      const meta = trimMeta(raw, this.#shared);
      if (meta !== undefined) this.#middles.set(meta.uid, meta.owner);
    });
  }

  /** What another object owns is that object's. */
  async workloads({ kind, ...at }: Kind): Promise<void> {
    await this.#read({ kind, ...at }, (raw) => {
      const meta = trimMeta(raw, this.#shared);
      if (meta === undefined) return;
      const owned = { namespace: meta.namespace, apiVersion: at.group, kind, name: meta.name };
      this.#found.set(workloadKey(owned), { owned, template: templateOf(kind, raw), object: raw, pods: [] });
    });
  }

  async autoscalers(): Promise<void> {
    await this.#read(AUTOSCALERS, (raw) => {
      const read = readAutoscaler(raw);
      if (read !== undefined) this.#addScaler(read.target, read.of);
    });
  }

  async policies(): Promise<void> {
    await this.#read(POLICIES, (raw) => {
      const read = readPolicyObject(raw);
      if (read === undefined) return;
      this.#policies.set(read.target, read.of);
      if (read.of.scaler !== undefined) this.#addScaler(read.target, read.of.scaler);
    });
  }

  survey(): Survey {
    for (const pod of this.#pods) {
      const owned = workloadOf(pod, this.#middles);
      const key = workloadKey(owned);
      const found = this.#found.get(key) ?? { owned, template: undefined, object: undefined, pods: [] };
      found.pods.push(pod);
      this.#found.set(key, found);
    }
    const selects = parseSelector(this.#scope.selector) ?? (() => true);
    const subjects = [...this.#found.values()].map((found) => this.#subject(found));
    return {
      subjects: subjects.filter(({ labels }) => selects(labels)),
      problems: [...this.#problems],
    };
  }

  #subject({ owned, template, object, pods }: Found): Subject {
    const { apiVersion, ...workload } = owned;
    const key = targetKey(workload.namespace, { ...workload, apiVersion });
    const policy = this.#policies.get(key);
    const shape = template && trimShape(record(template["spec"]), this.#shared);
    return {
      workload,
      labels: object === undefined ? (pods[0]?.labels ?? {}) : trimLabels(object, this.#shared),
      pods: pods.map(({ name }) => name),
      containers: pods.length > 0 || shape === undefined ? containersOf(pods) : containersOfShape(shape),
      scalers: this.#scalers.get(key) ?? [],
      vertical: policy?.spec.vertical,
      shown: policy === undefined ? [] : readShown(policy.status),
      annotated: pods.some(({ annotated }) => annotated),
    };
  }

  #addScaler(target: string, scaler: Scaler): void {
    this.#scalers.set(target, [...(this.#scalers.get(target) ?? []), scaler]);
  }

  /** Something beside the pods: without it the report lacks something, and is a report. */
  async #read(kind: Kind, take: (raw: Raw) => void): Promise<void> {
    const outcome = await this.#list(kind, take);
    if (outcome.kind === "listed" || outcome.kind === "absent") return;
    this.#problems.add(
      `${kind.plural} cannot be read, so the report lacks ${kind.lacks}: ${outcome.message}`,
    );
  }

  #list({ group, plural }: Readonly<{ group: string; plural: string }>, take: (raw: Raw) => void) {
    const root = group.includes("/") ? `/apis/${group}` : `/api/${group}`;
    const { namespace } = this.#scope;
    const path = namespace === undefined ? `${root}/${plural}` : `${root}/namespaces/${namespace}/${plural}`;
    return listItems(this.#transport, { path, signal: this.#signal }, take);
  }
}

const ownerOf = (meta: NonNullable<ReturnType<typeof trimMeta>>) => meta.owner;

function templateOf(kind: string, raw: Raw): Raw {
  const spec = record(raw["spec"]);
  return kind === "CronJob"
    ? record(record(record(spec["jobTemplate"])["spec"])["template"])
    : record(spec["template"]);
}
