/**
 * Both servers' lists, object by object and field by field.
 *
 * Invariant: an object without a named difference is the same to the last digit, in the same place of the list; one with a
 * named difference differs as its name says, or that is a finding, too.
 */
import { isDeepStrictEqual } from "node:util";
import { getSecurely } from "../control-plane/secure-get.ts";
import type { NamedDifference, Outlook } from "./actors.ts";

export type Served = Readonly<{
  metadata: Readonly<Record<string, unknown>>;
  timestamp: string | null;
  window: string;
  usage?: Readonly<Record<string, string>>;
  containers?: readonly Readonly<{ name: string; usage: Readonly<Record<string, string>> }>[] | null;
}>;
export type List = Readonly<{ status: number; rest: object; items: ReadonlyMap<string, Served> }>;
export type Comparison = Readonly<{
  /** Sentences; none when all is as it should be. */
  findings: readonly string[];
  objects: number;
  /** Leaves that were equal. */
  fields: number;
  /** Why → objects that differed. */
  named: ReadonlyMap<string, number>;
}>;

type Client = Readonly<{ certificate: Buffer; key: Buffer }>;
const API = "/apis/metrics.k8s.io/v1beta1";

/** Containers by name: metrics-server's are in the order of a Go map. The moment of the answer is left out. */
export async function readList(port: number, plural: "nodes" | "pods", client: Client): Promise<List> {
  const { status, text } = await getSecurely({ port, path: `${API}/${plural}`, client });
  const { items = [], ...rest } = JSON.parse(text) as { items?: readonly Served[] };
  const entries = items.map(({ metadata: whole, containers, ...others }) => {
    const metadata = without(whole, "creationTimestamp");
    const sorted = containers?.toSorted((one, other) => (one.name < other.name ? -1 : 1));
    return [
      `${plural}/${String(metadata["name"])}`,
      { metadata, ...others, ...(containers !== undefined && { containers: sorted ?? [] }) },
    ] as const;
  });
  return { status, rest, items: new Map(entries) };
}

export function compareLists(ours: List, theirs: List, differences: readonly NamedDifference[]): Comparison {
  const findings: string[] = [];
  const named = new Map<string, number>();
  const expected = new Map(differences.map((difference) => [difference.object, difference]));
  if (ours.status !== 200 || theirs.status !== 200)
    findings.push(`statuses are ${ours.status} and ${theirs.status}`);
  if (!isDeepStrictEqual(ours.rest, theirs.rest))
    findings.push(`lists are ${show(ours.rest)} and ${show(theirs.rest)}`);
  let [objects, fields] = [0, 0];
  for (const object of new Set([...ours.items.keys(), ...theirs.items.keys()])) {
    const pair = [ours.items.get(object), theirs.items.get(object)] as const;
    const difference = expected.get(object);
    if (difference === undefined) {
      objects++;
      if (isDeepStrictEqual(...pair)) fields += leavesOf(pair[0]);
      else findings.push(`${object} is ${show(pair[0])}, and metrics-server's ${show(pair[1])}`);
    } else named.set(difference.why, (named.get(difference.why) ?? 0) + 1);
  }
  for (const difference of differences.filter(({ object }) => isListed(object, ours)))
    findings.push(...unlike(difference, ours, theirs));
  findings.push(...orderOf(ours, theirs));
  return { findings, objects, fields, named };
}

/** Whether the object is of the kind that the list is of. */
const isListed = (object: string, { rest }: List): boolean =>
  object.startsWith("nodes/") === ((rest as { kind?: string }).kind === "NodeMetricsList");

/** How the difference is not the one that was named. */
function unlike(
  { object, why, onlyStamps = false, ...wanted }: NamedDifference,
  ours: List,
  theirs: List,
): readonly string[] {
  const [our, their] = [ours.items.get(object), theirs.items.get(object)];
  const is = { theirs: outlookOf(their), ours: outlookOf(our) };
  if (!isDeepStrictEqual(is, wanted))
    return [`${object} (${why}) should be ${show(wanted)} and is ${show(is)}: ${show(our)}, ${show(their)}`];
  if (our === undefined || their === undefined) return [];
  const isSame = isDeepStrictEqual(onlyStamps ? bare(our) : our, onlyStamps ? bare(their) : their);
  if (isSame === onlyStamps) return [];
  return [
    `${object} (${why}) ${onlyStamps ? "differs in more than stamps" : "does not differ"}: ${show(our)}, ${show(their)}`,
  ];
}

const outlookOf = (served: Served | undefined): Outlook => (served === undefined ? "absent" : "there");

const bare = (served: Served): object => without(served, "timestamp", "window");

const without = (object: object, ...names: readonly string[]): Record<string, unknown> =>
  Object.fromEntries(Object.entries(object).filter(([name]) => !names.includes(name)));

/** What both have is in the same order. */
function orderOf(ours: List, theirs: List): readonly string[] {
  const inBoth = (list: List, other: List) =>
    [...list.items.keys()].filter((object) => other.items.has(object)).join(" ");
  const [our, their] = [inBoth(ours, theirs), inBoth(theirs, ours)];
  return our === their ? [] : [`the order is ${our}, and metrics-server's ${their}`];
}

function leavesOf(value: unknown): number {
  if (typeof value !== "object" || value === null) return 1;
  return Object.values(value).reduce<number>((sum, part) => sum + leavesOf(part), 0);
}

const show = (value: unknown): string => (value === undefined ? "absent" : JSON.stringify(value));
