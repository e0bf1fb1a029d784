/**
 * Faults between an operator and the API server, as data: which requests, what becomes of them, how often.
 *
 * Invariant: of the rules that fit a request, the first that is neither lifted nor used up has its turn, and no other.
 */
import type { IncomingMessage } from "node:http";

export type Verb = "get" | "list" | "watch" | "create" | "update" | "patch" | "delete";

/** A request as RBAC and rules see it. */
export type Asked = Readonly<{
  verb: Verb;
  /** Plural, with the subresource: `deployments/scale`; "" for a path that is none, such as discovery. */
  resource: string;
  /** "" across namespaces. */
  namespace: string;
  name: string;
  /** Of a service account's token; "" for anybody else. */
  user: string;
  method: string;
  /** Without the query. */
  path: string;
  query: string;
}>;

/** When a connection is cut. */
export type Moment =
  /** The request is here and was not handed on. */
  | "seen"
  /** The API server has answered, and nobody was told. */
  | "answered"
  /** Part of the answer's body was told. */
  | "telling"
  /** All was told. */
  | "told";

export type Fault =
  /** An answer in the API server's place. */
  | Readonly<{ do: "answer"; answer: OwnAnswer }>
  /** The connection breaks; `act` is called at that very moment. */
  | Readonly<{ do: "cut"; at: Moment; act?: () => void }>
  /** Nobody is told anything, and the connection stays; `answered`: the API server has done it. */
  | Readonly<{ do: "drop"; at: "seen" | "answered" }>
  /** Handed on, and answered, as much later; also when the one who asked has given up by then. */
  | Readonly<{ do: "delay"; millis: number }>
  /** A watch stays open and says nothing, until the rule is lifted; then it breaks. */
  | Readonly<{ do: "freeze" }>
  /** An old listing is told again, as by a server that is behind; it is silent then, until the rule is lifted. */
  | Readonly<{ do: "replay"; listing: Buffer }>;

export type OwnAnswer = Readonly<{
  status: number;
  headers?: Readonly<Record<string, string>>;
  body: unknown;
}>;

/** What is left out fits anything. */
export type Match = Readonly<{
  verb?: Verb | readonly Verb[];
  resource?: string;
  name?: string;
  user?: string;
  path?: string;
}>;

export type Rule = Readonly<{
  match: Match;
  fault: Fault;
  /** How many requests it meets; without: all. */
  times?: number;
}>;

/** A rule at work. */
export type Applied = Readonly<{
  rule: Rule;
  /** How many requests it has met. */
  met(): number;
  lift(): void;
}>;

export class Rules {
  readonly #applied = new Map<Rule, { met: number; lift: () => void }>();
  /** Called when a rule is lifted. */
  readonly #lifted: (rule: Rule) => void;

  constructor(lifted: (rule: Rule) => void) {
    this.#lifted = lifted;
  }

  add(rule: Rule): Applied {
    const state = { met: 0, lift: () => this.#lift(rule) };
    this.#applied.set(rule, state);
    return { rule, met: () => state.met, lift: state.lift };
  }

  /** The rule whose turn it is; it counts as met. */
  take(asked: Asked): Rule | undefined {
    for (const [rule, state] of this.#applied)
      if (state.met < (rule.times ?? Infinity) && fits(rule.match, asked)) {
        state.met += 1;
        return rule;
      }
    return undefined;
  }

  /** The rule that freezes a watch which is open already. */
  freezing(asked: Asked): Rule | undefined {
    return [...this.#applied.keys()].find(({ fault, match }) => fault.do === "freeze" && fits(match, asked));
  }

  #lift(rule: Rule): void {
    this.#applied.delete(rule);
    this.#lifted(rule);
  }
}

export function fits({ verb, ...rest }: Match, asked: Asked): boolean {
  if (verb !== undefined && ![verb].flat().includes(asked.verb)) return false;
  const names = Object.keys(rest) as (keyof typeof rest)[];
  return names.every((name) => rest[name] === undefined || rest[name] === asked[name]);
}

const RESOURCE =
  /^\/(?:api|apis\/[^/]+)\/v[^/]+\/(?:namespaces\/(?<namespace>[^/]+)\/)?(?<plural>[^/]+)(?:\/(?<name>[^/]+)(?:\/(?<sub>[^/]+))?)?$/;

export function askedOf({ method = "", url = "", headers }: IncomingMessage): Asked {
  const { pathname: path, search: query, searchParams } = new URL(url, "https://proxy");
  const user = userOf(headers.authorization ?? "");
  const verb = (isWhole: boolean): Verb =>
    method === "GET" ? readVerb(isWhole, searchParams) : writeVerb(method);
  const found = RESOURCE.exec(path)?.groups;
  if (found === undefined)
    return { verb: verb(false), resource: "", namespace: "", name: "", user, method, path, query };
  const { namespace = "", plural = "", name = "", sub } = found;
  const resource = sub === undefined ? plural : `${plural}/${sub}`;
  return { verb: verb(name === ""), resource, namespace, name, user, method, path, query };
}

function readVerb(whole: boolean, query: URLSearchParams): Verb {
  if (!whole) return "get";
  return query.get("watch") === "true" ? "watch" : "list";
}

function writeVerb(method: string): Verb {
  if (method === "POST") return "create";
  if (method === "DELETE") return "delete";
  return method === "PUT" ? "update" : "patch";
}

/** The subject of a JSON web token. */
function userOf(authorization: string): string {
  const payload = /^Bearer [^.]+\.([^.]+)\./.exec(authorization)?.[1];
  if (payload === undefined) return "";
  const claims = JSON.parse(Buffer.from(payload, "base64url").toString()) as { sub?: string };
  return claims.sub ?? "";
}
