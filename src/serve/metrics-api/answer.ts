/**
 * From a question about nodes or pods to its answer. Statuses and their words are metrics-server's, with
 * one difference of ours: before there was time for two rounds of samples it says 503 and when to come
 * back, where metrics-server says that there is nothing.
 *
 *   not yet two rounds                    503, Retry-After
 *   list, nothing measured                200 without items
 *   one, unknown to the API server        404 pods "x" not found
 *   one, known and not measured           404 podmetrics.metrics.k8s.io "ns/x" not found
 *   list with watch                       405
 *   selectors that cannot be read         400
 */
import type { EpochMillis, Millis } from "../../base/units.ts";
import { timeText } from "../../base/rfc3339.ts";
import { parseListOptions, isWatch } from "../aggregated/list-options.ts";
import { json, refusalReply, type Reply, sliced } from "../aggregated/reply.ts";
import type { ResourceQuestion } from "../aggregated/routes.ts";
import { badRequest, notFound, tryAgain, watchNotAllowed } from "../aggregated/status-body.ts";
import type { Catalog, Entry } from "./catalog.ts";
import { type Measured, metricsObject } from "./object.ts";
import { slicesOf } from "./slices.ts";
import type { Texts } from "./texts.ts";
import { EMPTY_TABLE, partialObject, type Rendering, rowObjectIn, TABLE_HEAD, tableRow } from "./table.ts";

export type AnswerParts = Readonly<{
  catalog: Catalog;
  texts: Texts;
  /** How long to wait for the second round; undefined once it is there. */
  waiting(): Millis | undefined;
  now(): EpochMillis;
  /** Sees the stamp of everything that is answered. */
  onServed(at: EpochMillis): void;
}>;

export function createAnswers(parts: AnswerParts): (question: ResourceQuestion) => Reply {
  return (question) => {
    const { resource, group, name, query } = question;
    if (name === undefined && isWatch(query))
      return refusalReply(watchNotAllowed(group.name, resource.plural));
    return name === undefined ? list(question, parts) : getOne({ ...question, name }, parts);
  };
}

function list(question: ResourceQuestion, parts: AnswerParts): Reply {
  const { resource, namespace, query } = question;
  const parsed = parseListOptions(query);
  if (parsed.kind === "refused") return refusalReply(parsed.refusal);
  const waiting = parts.waiting();
  if (waiting !== undefined) return notYet(waiting);
  const entries = parts.catalog.list(resource.plural, { namespace, ...parsed.options });
  const rendering = renderingOf(question, parts);
  if (question.representation === "object") return objects(textsOf(question, entries, parts), rendering);
  return render(question, measuredOf(resource.plural, entries, parts), rendering);
}

function* textsOf(
  { resource }: ResourceQuestion,
  entries: Iterable<Entry>,
  { texts, onServed, now }: AnswerParts,
): Generator<string> {
  const createdAt = timeText(now());
  for (const entry of entries) {
    const served = texts.of(resource.plural, entry, createdAt);
    if (served === undefined) continue;
    onServed(served.at);
    yield served.text;
  }
}

const objects = (items: Iterable<string>, { typed }: Rendering): Reply =>
  sliced(
    slicesOf({
      head: { ...typed, kind: `${typed.kind}List`, metadata: {} },
      field: "items",
      items,
      render: (text) => text,
    }),
  );

function* measuredOf(
  plural: string,
  entries: Iterable<Entry>,
  { catalog, onServed }: AnswerParts,
): Generator<Measured> {
  for (const entry of entries) {
    const measured = catalog.measure(plural, entry);
    if (measured === undefined) continue;
    onServed(measured.at);
    yield measured;
  }
}

function render(
  { representation, query }: ResourceQuestion,
  items: Iterable<Measured>,
  rendering: Rendering,
): Reply {
  if (representation === "table") return table(query, items, rendering);
  return sliced(
    slicesOf({
      head: { kind: "PartialObjectMetadataList", apiVersion: "meta.k8s.io/v1", metadata: {} },
      field: "items",
      items,
      render: (measured) => JSON.stringify(partialObject(measured, rendering.createdAt)),
    }),
  );
}

function table(query: URLSearchParams, items: Iterable<Measured>, rendering: Rendering): Reply {
  const include = rowObjectIn(query);
  if (include === undefined)
    return refusalReply(badRequest("includeObject must be Metadata, Object, None, or empty"));
  const render = (measured: Measured) => JSON.stringify(tableRow(measured, include, rendering));
  return sliced(slicesOf({ head: TABLE_HEAD, whenEmpty: EMPTY_TABLE, field: "rows", items, render }));
}

type OneQuestion = ResourceQuestion & Readonly<{ name: string }>;

function getOne(question: OneQuestion, parts: AnswerParts): Reply {
  const { resource, group, name, namespace = "", representation, query } = question;
  const waiting = parts.waiting();
  if (waiting !== undefined) return notYet(waiting);
  const entry = parts.catalog.find(resource.plural, { namespace, name });
  if (entry === undefined)
    return refusalReply(notFound({ group: "", kind: resource.namespaced ? "pods" : "node", name }));
  const [measured] = measuredOf(resource.plural, [entry], parts);
  const full = resource.namespaced ? `${namespace}/${name}` : name;
  if (measured === undefined)
    return refusalReply(notFound({ group: group.name, kind: resource.kind.toLowerCase(), name: full }));
  const rendering = renderingOf(question, parts);
  if (representation === "table") return table(query, [measured], rendering);
  const { createdAt, typed } = rendering;
  return json(
    representation === "metadata"
      ? partialObject(measured, createdAt)
      : { ...typed, ...metricsObject(measured, createdAt) },
  );
}

const renderingOf = ({ group, version, resource }: ResourceQuestion, { now }: AnswerParts): Rendering => ({
  createdAt: timeText(now()),
  typed: { kind: resource.kind, apiVersion: `${group.name}/${version}` },
});

const notYet = (waiting: Millis): Reply =>
  refusalReply(
    tryAgain(
      "metrics are not there yet: it takes two rounds of samples",
      Math.max(1, Math.ceil(waiting / 1000)),
    ),
  );
