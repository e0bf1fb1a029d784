/**
 * metadata of any object, trimmed.
 *
 * Invariant: what has no name, uid, version or creation time is no object, and nothing of it is used.
 */
import { uid } from "../../../../base/ids.ts";
import type { Labels, Meta, Owner } from "../../../../cluster/object.ts";
import type { PodShape } from "../../../../cluster/pod.ts";
import { InternTable } from "./intern-table.ts";
import { count, moment, type Raw, record, records, text } from "./raw.ts";

/** What many objects have in common, kept once; one set of tables serves all kinds. */
export type Shared = Readonly<{
  texts: InternTable<string>;
  owners: InternTable<Owner>;
  labels: InternTable<Labels>;
  shapes: InternTable<PodShape>;
}>;

/** From the JSON of an object to what is kept of it; undefined when it is no object of the kind. */
export type Trim<T> = (raw: Raw, shared: Shared) => T | undefined;

/** Enough for the templates, owners and nodes of a large cluster; each entry is well below 1 KiB. */
const SHARED_MAX = 16_384;

export function createShared(): Shared {
  return {
    texts: new InternTable(SHARED_MAX),
    owners: new InternTable(SHARED_MAX),
    labels: new InternTable(SHARED_MAX),
    shapes: new InternTable(SHARED_MAX),
  };
}

export const sharedText = (value: string, { texts }: Shared): string => texts.get(value, () => value);

export function trimMeta({ metadata }: Raw, shared: Shared): Meta | undefined {
  const raw = record(metadata);
  const [name, id, resourceVersion] = [text(raw["name"]), text(raw["uid"]), text(raw["resourceVersion"])];
  const createdAt = moment(raw["creationTimestamp"]);
  if (name === undefined || id === undefined || resourceVersion === undefined || createdAt === undefined)
    return undefined;
  return {
    namespace: sharedText(text(raw["namespace"]) ?? "", shared),
    name,
    uid: uid(id),
    resourceVersion,
    generation: count(raw["generation"]) ?? 0,
    createdAt,
    deleting: raw["deletionTimestamp"] !== undefined,
    owner: trimOwner(raw["ownerReferences"], shared),
  };
}

function trimOwner(references: unknown, { owners }: Shared): Owner | undefined {
  const raw = records(references).find((reference) => reference["controller"] === true);
  if (raw === undefined) return undefined;
  const [apiVersion, kind] = [text(raw["apiVersion"]), text(raw["kind"])];
  const [name, id] = [text(raw["name"]), text(raw["uid"])];
  if (apiVersion === undefined || kind === undefined || name === undefined || id === undefined)
    return undefined;
  return owners.get(id, () => ({ apiVersion, kind, name, uid: uid(id) }));
}

export function trimLabels({ metadata }: Raw, { labels }: Shared): Labels {
  const raw = record(record(metadata)["labels"]);
  return labels.get(JSON.stringify(raw), () =>
    Object.fromEntries(
      Object.entries(raw).filter((entry): entry is [string, string] => typeof entry[1] === "string"),
    ),
  );
}

export const annotation = ({ metadata }: Raw, name: string): string | undefined =>
  text(record(record(metadata)["annotations"])[name]);

/** A condition of status, by type. */
export function condition({ status }: Raw, type: string): Raw | undefined {
  return records(record(status)["conditions"]).find((raw) => raw["type"] === type);
}

/** When a condition took its status; a time that cannot be read is as old as the object. */
export const conditionSince = (raw: Raw, meta: Meta): Meta["createdAt"] =>
  moment(raw["lastTransitionTime"]) ?? meta.createdAt;

/** The Ready condition, which pods and nodes have alike. */
export function trimReady(raw: Raw, meta: Meta) {
  const ready = condition(raw, "Ready");
  const status = ready?.["status"];
  if (ready === undefined || (status !== "True" && status !== "False" && status !== "Unknown"))
    return undefined;
  return { status, since: conditionSince(ready, meta) } as const;
}
