/**
 * Who asks, as the API server sees people and programs.
 *
 * Invariant: a caller that was recognised is in `system:authenticated`, and nobody else is.
 */
export type Caller = Readonly<{
  user: string;
  uid: string | undefined;
  groups: readonly string[];
  extra: Readonly<Record<string, readonly string[]>>;
}>;

const AUTHENTICATED = "system:authenticated";

/**
 * What the front proxy says of discovery's own calls has no groups at all, and their rights are for this
 * one.
 */
export function recognised({ user, uid, groups, extra }: Caller): Caller {
  return { user, uid, extra, groups: groups.includes(AUTHENTICATED) ? groups : [...groups, AUTHENTICATED] };
}

export const ANONYMOUS: Caller = {
  user: "system:anonymous",
  uid: undefined,
  groups: ["system:unauthenticated"],
  extra: {},
};
