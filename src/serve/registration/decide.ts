/**
 * Whether the cluster's metrics API is ours, and what to do about its APIServices.
 *
 *   mode     there is                          so
 *   not Off  no Service that leads to us       ours are given back or removed; we stay out
 *   Auto     another's, of any version         ours are removed; we stay out
 *   Auto     none, or ours                     made, or kept fresh
 *   Always   another's                         taken over, and what it said is remembered
 *   Always   none, or ours                     made, or kept fresh
 *   Off      ours that we took over            given back
 *   Off      ours that we made                 removed
 *   Off      another's                         nothing
 *
 * Invariant: outside of Always, one that points to a service that is not ours is never written nor removed.
 */
import type { Registration, ServiceRef, Wanted } from "./port.ts";

export type MetricsApiMode = "Auto" | "Always" | "Off";

export type Act =
  | Readonly<{ act: "create"; version: string }>
  | Readonly<{ act: "update" | "take-over" | "give-back" | "remove"; registration: Registration }>;

export type Standing =
  | Readonly<{ kind: "ours" }>
  | Readonly<{ kind: "off" }>
  /** What would be announced leads nowhere. `service`: `namespace/name` of what is not there. */
  | Readonly<{ kind: "no-service"; version: string; service: string }>
  /** `owner`: `namespace/name` of the other's service. */
  | Readonly<{ kind: "left-to-other"; version: string; owner: string }>;

/** What the API server holds at one look: APIServices by version, and whether our Service is there. */
export type Found = Readonly<{
  registered: ReadonlyMap<string, Registration | undefined>;
  hasService: boolean;
}>;

export function decideRegistration(
  mode: MetricsApiMode,
  { registered, hasService }: Found,
  wanted: Wanted,
): Readonly<{ standing: Standing; acts: readonly Act[] }> {
  const present = [...registered.values()].filter((one) => one !== undefined);
  const isOurs = ({ service }: Registration): boolean =>
    service !== undefined && isSame(service, wanted.service);
  const ours = present.filter(isOurs);
  const other = present.find((one) => !isOurs(one));
  if (mode === "Off") return { standing: { kind: "off" }, acts: ours.map(leave) };
  if (!hasService) {
    const [version = ""] = registered.keys();
    const standing = { kind: "no-service", version, service: nameOf(wanted.service) } as const;
    return { standing, acts: ours.map(leave) };
  }
  if (mode === "Auto" && other !== undefined)
    return {
      standing: { kind: "left-to-other", version: other.version, owner: ownerOf(other) },
      acts: ours.map(leave),
    };
  const acts = [...registered].flatMap(([version, one]): readonly Act[] => {
    if (one === undefined) return [{ act: "create", version }];
    if (!isOurs(one)) return [{ act: "take-over", registration: one }];
    return isFresh(one, wanted) ? [] : [{ act: "update", registration: one }];
  });
  return { standing: { kind: "ours" }, acts };
}

const leave = (registration: Registration): Act => ({
  act: registration.replaced === undefined ? "remove" : "give-back",
  registration,
});

const isFresh = ({ service, authorities, insecure }: Registration, wanted: Wanted): boolean =>
  service?.port === wanted.service.port &&
  !insecure &&
  (wanted.authorities === undefined || authorities.trim() === wanted.authorities.trim());

/** The port is ours to change. */
const isSame = (one: ServiceRef, other: ServiceRef): boolean =>
  one.namespace === other.namespace && one.name === other.name;

const nameOf = ({ namespace, name }: ServiceRef): string => `${namespace}/${name}`;

const ownerOf = ({ service }: Registration): string =>
  service === undefined ? "kube-apiserver itself" : nameOf(service);
