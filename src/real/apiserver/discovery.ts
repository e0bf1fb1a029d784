/**
 * Where a kind lives: its plural name and whether it has a `scale`, as the API server says. What was found is
 * kept; what was not found is asked for again, since a CRD may have come.
 */
import { z } from "zod";
import type { Failure, ReadOutcome } from "../../base/outcome.ts";
import type { TargetReference } from "../../cluster/workload.ts";
import { readOutcome } from "./failure.ts";
import type { ApiTransport } from "./transport.ts";

/** Where objects of a kind with a scale are: `/apis/apps/v1` and `deployments`. */
export type Place = Readonly<{ root: string; plural: string }>;
type Kind = Pick<TargetReference, "apiVersion" | "kind">;

const ResourceList = z
  .object({
    kind: z.literal("APIResourceList"),
    resources: z.array(z.object({ name: z.string(), kind: z.string(), namespaced: z.boolean() })),
  })
  .transform(({ resources }) => resources);
type Resources = z.infer<typeof ResourceList>;

export class Discovery {
  readonly #transport: ApiTransport;
  readonly #known = new Map<string, Resources>();
  readonly #asking = new Map<string, Promise<ReadOutcome<Resources>>>();

  constructor(transport: ApiTransport) {
    this.#transport = transport;
  }

  async findScalable(kind: Kind): Promise<ReadOutcome<Place>> {
    if (!isApiVersion(kind.apiVersion)) return absent(`${kind.apiVersion} is no API version`);
    const known = this.#known.get(kind.apiVersion);
    if (known !== undefined) {
      const place = placeOf(kind, known);
      if (place.kind === "read") return place;
    }
    const asked = await this.#ask(kind.apiVersion);
    return asked.kind === "read" ? placeOf(kind, asked.value) : saidPlainly(asked, kind);
  }

  /** What was known of this API is no longer so. */
  forget({ apiVersion }: Kind): void {
    this.#known.delete(apiVersion);
  }

  /** Once at a time: many policies may ask for one kind together. */
  #ask(apiVersion: string): Promise<ReadOutcome<Resources>> {
    const asking = this.#asking.get(apiVersion) ?? this.#fetch(apiVersion);
    this.#asking.set(apiVersion, asking);
    return asking;
  }

  async #fetch(apiVersion: string): Promise<ReadOutcome<Resources>> {
    const answer = await this.#transport.send({ method: "GET", path: rootOf(apiVersion) });
    const outcome = readOutcome(answer, ResourceList);
    if (outcome.kind === "read") this.#known.set(apiVersion, outcome.value);
    this.#asking.delete(apiVersion);
    return outcome;
  }
}

/**
 * Whether a name stays what it is inside a path. A policy's author writes the names in it, and must not reach
 * another namespace through our rights with a name such as `../../other/deployments/web`.
 */
export const isPathSegment = (name: string): boolean => /^[\w.-]+$/.test(name) && !/^\.\.?$/.test(name);

function isApiVersion(text: string): boolean {
  const parts = text.split("/");
  return parts.length <= 2 && parts.every(isPathSegment);
}

/** The core group lives apart, for historical reasons. */
const rootOf = (apiVersion: string): string =>
  apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;

function placeOf({ apiVersion, kind }: Kind, resources: Resources): ReadOutcome<Place> {
  const resource = resources.find((one) => one.kind === kind && !one.name.includes("/"));
  if (resource === undefined) return absent(`the API server has no kind ${kind} in ${apiVersion}`);
  if (!resource.namespaced) return absent(`${kind} of ${apiVersion} is not namespaced`);
  const plural = resource.name;
  if (!resources.some(({ name }) => name === `${plural}/scale`))
    return absent(`${kind} of ${apiVersion} has no scale subresource`);
  return { kind: "read", value: { root: rootOf(apiVersion), plural } };
}

const absent = (message: string) => ({ kind: "absent", message }) as const;

const saidPlainly = (failure: Failure, { apiVersion }: Kind): Failure =>
  failure.kind === "absent" ? { ...failure, message: `the API server has no API ${apiVersion}` } : failure;
