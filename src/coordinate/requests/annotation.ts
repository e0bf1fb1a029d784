/**
 * The annotation of a pod template that says what we set and what it was before: with it, the base of each
 * request is known from objects alone, through restarts, undo, backups and edits by others.
 *
 *   plimsoll.dev/requests: {"app":{"cpu":{"base":"500m","set":"345m","limit":{"base":"1","set":"690m"}}}}
 *
 * Invariant: what does not read back whole is unreadable, and nothing of it is used. An empty text says that
 * what is there is the base.
 */
import { parseQuantity, quantityInMilli } from "../../base/quantity.ts";
import type { RequestAmounts, ResourceName } from "../../base/units.ts";
import { RESOURCES } from "../../vertical/amount.ts";
import { requestText } from "../../vertical/text.ts";
import { withAmount } from "./amounts.ts";
import type { ContainerResources, Resources } from "./plan.ts";

export const REQUESTS_ANNOTATION = "plimsoll.dev/requests";

/** Of one container: what it had before we wrote, and what we wrote; only the resources that we changed. */
export type Written = Readonly<{ container: string; base: Resources; set: Resources }>;

export type ReadAnnotation =
  | Readonly<{ kind: "none" }>
  | Readonly<{ kind: "readable"; written: readonly Written[] }>
  | Readonly<{ kind: "unreadable" }>;

/** Only what differs from the base is told; "" when nothing does. */
export function annotationText(
  base: readonly ContainerResources[],
  set: readonly ContainerResources[],
): string {
  const told = set.flatMap((to) => {
    const before = base.find(({ container }) => container === to.container);
    const parts = before === undefined ? [] : RESOURCES.flatMap((name) => partOf(name, before, to));
    return parts.length === 0 ? [] : [[to.container, Object.fromEntries(parts)] as const];
  });
  return told.length === 0 ? "" : JSON.stringify(Object.fromEntries(told));
}

export function readAnnotation(text: string | undefined): ReadAnnotation {
  if (text === undefined || text.trim() === "") return { kind: "none" };
  const parsed = parsedJson(text);
  if (!isRecord(parsed)) return { kind: "unreadable" };
  const written = Object.entries(parsed).map(([container, parts]) => readWritten(container, parts));
  if (written.some((one) => one === undefined)) return { kind: "unreadable" };
  return { kind: "readable", written: written.filter((one) => one !== undefined) };
}

/**
 * What a template's container would have without us: the base where it carries what we set, and otherwise
 * what it carries, for someone has written since.
 */
export function baseOf(present: ContainerResources, annotation: ReadAnnotation): ContainerResources {
  const written = writtenOf(present.container, annotation);
  if (written === undefined) return present;
  return RESOURCES.reduce(
    (rest, name) => ({
      ...rest,
      requests: partBase(name, rest.requests, [written.set.requests, written.base.requests]),
      limits: partBase(name, rest.limits, [written.set.limits, written.base.limits]),
    }),
    present,
  );
}

/** Whether a template that we wrote has its base again: somebody took the write back. */
export function isTakenBack(present: readonly ContainerResources[], annotation: ReadAnnotation): boolean {
  return present.some((now) => {
    const written = writtenOf(now.container, annotation);
    return RESOURCES.some((name) => {
      const [base, set] = [written?.base.requests[name], written?.set.requests[name]];
      return set !== undefined && base !== set && now.requests[name] === base;
    });
  });
}

const writtenOf = (container: string, annotation: ReadAnnotation): Written | undefined =>
  annotation.kind === "readable" ? annotation.written.find((one) => one.container === container) : undefined;

function partBase(
  name: ResourceName,
  now: RequestAmounts,
  [set, base]: readonly [RequestAmounts, RequestAmounts],
): RequestAmounts {
  const to = base[name];
  return set[name] === undefined || now[name] !== set[name] || to === undefined
    ? now
    : withAmount(now, name, to);
}

type Pair = Readonly<{ base?: string; set?: string }>;

function partOf(name: ResourceName, base: Resources, set: Resources): [string, object][] {
  const request = pairOf(name, base.requests[name], set.requests[name]);
  const limit = pairOf(name, base.limits[name], set.limits[name]);
  if (request === undefined && limit === undefined) return [];
  return [[name, { ...request, ...(limit !== undefined && { limit }) }]];
}

function pairOf(name: ResourceName, base: number | undefined, set: number | undefined): Pair | undefined {
  if (base === set || set === undefined) return undefined;
  return { ...(base !== undefined && { base: requestText(name, base) }), set: requestText(name, set) };
}

/** In whole millicores or bytes; undefined when it is none. */
export function readRequest(name: ResourceName, text: unknown): number | undefined {
  const parsed = typeof text === "string" || typeof text === "number" ? parseQuantity(`${text}`) : undefined;
  if (parsed?.kind !== "quantity" || parsed.quantity.nano < 0n) return undefined;
  const milli = quantityInMilli(parsed.quantity);
  return name === "cpu" ? milli : Math.ceil(milli / 1000);
}

function readWritten(container: string, parts: unknown): Written | undefined {
  if (!isRecord(parts)) return undefined;
  return Object.entries(parts).reduce<Written | undefined>(
    (written, [name, part]) => written && withPart(written, name, part),
    { container, base: EMPTY, set: EMPTY },
  );
}

function withPart(written: Written, name: string, part: unknown): Written | undefined {
  if ((name !== "cpu" && name !== "memory") || !isRecord(part)) return undefined;
  const { limit = {} } = part;
  const request = readPair(name, part);
  const limits = isRecord(limit) ? readPair(name, limit) : undefined;
  if (request === undefined || limits === undefined) return undefined;
  return withPair(withPair(written, name, ["requests", request]), name, ["limits", limits]);
}

const EMPTY: Resources = { requests: {}, limits: {} };
type Amount = Readonly<{ base?: number; set?: number }>;

function readPair(name: ResourceName, pair: Readonly<Record<string, unknown>>): Amount | undefined {
  const [base, set] = [readRequest(name, pair["base"]), readRequest(name, pair["set"])];
  const isMalformed =
    (base === undefined && pair["base"] !== undefined) || (set === undefined && pair["set"] !== undefined);
  if (isMalformed) return undefined;
  return { ...(base !== undefined && { base }), ...(set !== undefined && { set }) };
}

function withPair(
  written: Written,
  name: ResourceName,
  [part, { base, set }]: readonly ["requests" | "limits", Amount],
): Written {
  const added = (to: Resources, amount: number | undefined): Resources =>
    amount === undefined ? to : { ...to, [part]: withAmount(to[part], name, amount) };
  return { ...written, base: added(written.base, base), set: added(written.set, set) };
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
