/**
 * The pod template of a Deployment or a StatefulSet: read live, written by a JSON patch that tests everything
 * it rests on.
 *
 * Invariant: a patch touches the `resources` of containers and one annotation of the template, and nothing
 * else.
 */
import { z } from "zod";
import type {
  TemplateBasis,
  TemplateContainer,
  TemplateOutcome,
  TemplatePort,
} from "../../../actuate/request-port.ts";
import { uid } from "../../../base/ids.ts";
import { parseTime } from "../../../base/rfc3339.ts";
import { millis } from "../../../base/units.ts";
import type { TargetReference } from "../../../cluster/workload.ts";
import { isSame } from "../../../coordinate/requests/amounts.ts";
import { REQUESTS_ANNOTATION } from "../../../coordinate/requests/annotation.ts";
import type { ContainerResources } from "../../../coordinate/requests/plan.ts";
import { isPathSegment } from "../discovery.ts";
import { readOutcome, writeOutcome } from "../failure.ts";
import { JSON_PATCH, MANAGER } from "../naming.ts";
import type { ApiAnswer, ApiTransport } from "../transport.ts";
import { gitOpsOf } from "./gitops.ts";
import { mergedResources, readResources } from "./resources.ts";

/** Kinds whose template can be written without knowing anything else of them. */
const PLURALS: Readonly<Record<string, string>> = { Deployment: "deployments", StatefulSet: "statefulsets" };

const Texts = z.record(z.string(), z.string()).default({});
const ManagedFields = z.array(
  z.object({
    manager: z.string().default(""),
    subresource: z.string().default(""),
    time: z.string().optional(),
  }),
);

const TemplateObject = z
  .object({
    apiVersion: z.literal("apps/v1"),
    kind: z.enum(["Deployment", "StatefulSet"]),
    metadata: z.object({
      uid: z.string().min(1),
      resourceVersion: z.string().min(1),
      labels: Texts,
      annotations: Texts,
      managedFields: ManagedFields.default([]),
    }),
    spec: z.object({
      template: z.object({
        metadata: z.object({ annotations: Texts }).prefault({}),
        spec: z.object({
          containers: z.array(z.object({ name: z.string(), resources: z.unknown().optional() })),
        }),
      }),
    }),
  })
  .transform(({ metadata, spec: { template } }): TemplateBasis => {
    const { managedFields, labels, annotations } = metadata;
    const managers = managedFields.map(({ manager }) => manager);
    const ours = managedFields.filter((entry) => entry.manager === MANAGER && entry.subresource === "");
    return {
      uid: uid(metadata.uid),
      resourceVersion: metadata.resourceVersion,
      containers: template.spec.containers.map(({ name, resources }) => ({
        container: name,
        ...readResources(resources),
        written: resources,
      })),
      annotations: template.metadata.annotations,
      gitOps: gitOpsOf({ labels, annotations, managers }),
      writtenAt: ours.map(({ time }) => parseTime(time)).find((time) => time !== undefined),
    };
  });

export function createTemplatePort(transport: ApiTransport): TemplatePort {
  return {
    async readTemplate(namespace, target, signal) {
      const path = pathOf(namespace, target);
      if (path === undefined) return withoutTemplate(target);
      const request = { method: "GET", path, ...(signal !== undefined && { signal }) } as const;
      return readOutcome(await transport.send(request), TemplateObject);
    },
    async writeTemplate({ namespace, reference, basis }, to, { within, signal, dryRun }) {
      const path = pathOf(namespace, reference);
      if (path === undefined) return withoutTemplate(reference);
      const body = patchOf(basis, to);
      if (body === undefined) return { kind: "conflict", message: "the template has other containers" };
      const answer = await transport.send({
        method: "PATCH",
        path,
        query: { fieldManager: MANAGER, ...(dryRun && { dryRun: "All" }) },
        contentType: JSON_PATCH,
        body,
        timeout: millis(Math.max(0, within)),
        signal,
      });
      const outcome = writeOutcome(answer, reference.kind);
      return outcome.kind === "written" && dryRun ? asWouldBeStored(answer, to, outcome) : outcome;
    },
  };
}

function pathOf(namespace: string, { apiVersion, kind, name }: TargetReference): string | undefined {
  const plural = PLURALS[kind];
  if (apiVersion !== "apps/v1" || plural === undefined || !isPathSegment(name)) return undefined;
  return `/apis/${apiVersion}/namespaces/${namespace}/${plural}/${name}`;
}

const withoutTemplate = ({ kind, name }: TargetReference) =>
  ({ kind: "absent", message: `${kind} ${name} has no template that could be written` }) as const;

type Wanted = Readonly<{ containers: readonly ContainerResources[]; annotation: string }>;
type Operation = Readonly<{ op: "test" | "add" | "replace" | "remove"; path: string; value?: unknown }>;

/** undefined when the basis lacks a container that is wanted. */
function patchOf(basis: TemplateBasis, { containers, annotation }: Wanted): readonly Operation[] | undefined {
  const places = containers.map((to) => ({
    to,
    at: basis.containers.findIndex(({ container }) => container === to.container),
  }));
  if (places.some(({ at }) => at < 0)) return undefined;
  return [
    { op: "test", path: "/metadata/uid", value: basis.uid },
    { op: "test", path: "/metadata/resourceVersion", value: basis.resourceVersion },
    ...places.flatMap(({ to, at }) => containerOperations(basis.containers[at], to, at)),
    ...annotationOperations(basis.annotations, annotation),
  ];
}

function containerOperations(
  before: TemplateContainer | undefined,
  to: ContainerResources,
  at: number,
): readonly Operation[] {
  const path = `/spec/template/spec/containers/${at}`;
  const value = mergedResources(before?.written, to);
  const resources: readonly Operation[] =
    before?.written === undefined
      ? [{ op: "add", path: `${path}/resources`, value }]
      : [
          { op: "test", path: `${path}/resources`, value: before.written },
          { op: "replace", path: `${path}/resources`, value },
        ];
  return [{ op: "test", path: `${path}/name`, value: to.container }, ...resources];
}

/** "" takes the annotation away: nothing of what is there is ours any more. */
function annotationOperations(
  before: TemplateBasis["annotations"],
  annotation: string,
): readonly Operation[] {
  const all = "/spec/template/metadata/annotations";
  const path = `${all}/${REQUESTS_ANNOTATION.replace("/", "~1")}`;
  if (annotation === "") return before[REQUESTS_ANNOTATION] === undefined ? [] : [{ op: "remove", path }];
  if (Object.keys(before).length === 0)
    return [{ op: "add", path: all, value: { [REQUESTS_ANNOTATION]: annotation } }];
  return [{ op: "add", path, value: annotation }];
}

/**
 * What the API server would keep, compared with what was asked for: an admission plugin may have its own
 * mind.
 */
function asWouldBeStored(
  answer: ApiAnswer,
  { containers, annotation }: Wanted,
  written: TemplateOutcome,
): TemplateOutcome {
  const stored = readOutcome(answer, TemplateObject);
  if (stored.kind !== "read") return stored;
  const kept = new Map(stored.value.containers.map((one) => [one.container, one]));
  const other = containers.find((to) => {
    const one = kept.get(to.container);
    return one === undefined || !isSame(one, to);
  });
  if (other !== undefined)
    return {
      kind: "mutated",
      message: `an admission plugin would store other resources of ${other.container}`,
    };
  if ((stored.value.annotations[REQUESTS_ANNOTATION] ?? "") === annotation) return written;
  return { kind: "mutated", message: `an admission plugin would drop the annotation ${REQUESTS_ANNOTATION}` };
}
