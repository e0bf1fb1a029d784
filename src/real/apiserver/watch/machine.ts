/**
 * Following one kind, as a function of what the API server answers: a listing by WatchList, or page by page
 * where that is refused, then a watch; and after trouble the shortest way back that loses no event.
 *
 *   problem        while watching       in a WatchList    in pages
 *   unreachable    same version         again             same page
 *   throttled      same version         again             same page
 *   unauthorized   same version         again             same page
 *   forbidden      same version         again             same page
 *   broken-off     same version         again             same page
 *   silent         a new listing, now   pages, now        same page, now
 *   ended-early    same version         pages             –
 *   server-error   same version ¹       again ¹           same page ¹
 *   absent         a new listing        again             first page
 *   expired        a new listing        again             first page
 *   garbled        a new listing        again             first page
 *   refused        a new listing        pages ²           first page
 *
 *   Silence: a server sends no bookmarks for a kind that nothing happens to, unless its etcd tells
 *   progress; then only a listing, which is as new as its request, shows that the view is not old.
 *
 *   ¹ the third in a row: a new listing, by pages, from the first page
 *   ² now and for good, without a word of trouble: an older server does not know WatchList
 *
 * Invariant: the version of a watch is one that the server named at the end of a listing or with an event
 * after it; versions of a listing's own events, which come in no order, are never progress.
 */
import type { ObjectKey } from "../../../base/ids.ts";
import { type Millis, millis, type MonoMillis, seconds } from "../../../base/units.ts";
import type { WatchEvent } from "../../../cluster/watch-event.ts";
import { type Backoff, backOff, CALM } from "./backoff.ts";

/** What is being asked of the server. */
export type Phase =
  | Readonly<{ at: "streaming" }>
  /** `token` undefined: the first page. */
  | Readonly<{ at: "paging"; token: string | undefined }>
  | Readonly<{ at: "watching"; from: string }>;

export type State = Readonly<{
  phase: Phase;
  /** Whether this server lists by WatchList, as far as we know. */
  streams: boolean;
  backoff: Backoff;
  serverErrorsInARow: number;
}>;

export type Problem =
  | "unreachable"
  | "throttled"
  | "unauthorized"
  | "forbidden"
  | "broken-off"
  | "silent"
  | "ended-early"
  | "server-error"
  | "absent"
  | "expired"
  | "garbled"
  | "refused";

export type Input<T> =
  /** The answer has begun. */
  | Readonly<{ kind: "opened" }>
  | Readonly<{ kind: "object"; object: T; resourceVersion: string }>
  | Readonly<{ kind: "gone"; key: ObjectKey; resourceVersion: string }>
  | Readonly<{ kind: "bookmark"; resourceVersion: string; endsListing: boolean }>
  /** An object that could not be read: only it is lost. */
  | Readonly<{ kind: "lost" }>
  /** All items of a page have come; with a token, there are more pages. */
  | Readonly<{ kind: "page-end"; resourceVersion: string; token: string | undefined }>
  /** The server closed the stream, as it does when the time it was asked for is over. */
  | Readonly<{ kind: "ended"; after: Millis }>
  | Readonly<{ kind: "failed"; problem: Problem; message: string; retryAfter: Millis | undefined }>;

/** What the driver does next. */
export type Next =
  | Readonly<{ act: "read-on" }>
  /** Ask what the phase says, at once. */
  | Readonly<{ act: "ask" }>
  /** Ask what the phase says, after a wait. */
  | Readonly<{ act: "retry"; wait: Millis; problem: Problem; message: string }>;

export type Step<T> = Readonly<{
  state: State;
  events: readonly WatchEvent<T>[];
  /** The live view is now known to be as young as this moment. */
  heard: boolean;
  next: Next;
}>;

export type Circumstances = Readonly<{ now: MonoMillis; chance: number }>;

const STREAMING: Phase = { at: "streaming" };
const FIRST_PAGE: Phase = { at: "paging", token: undefined };
export const START: State = { phase: STREAMING, streams: true, backoff: CALM, serverErrorsInARow: 0 };

/** A stream that ends sooner than this was not ended by its time limit. */
const STREAM_LIFE_MIN = seconds(1);
const SERVER_ERRORS_MAX = 3;
export const READ_ON: Next = { act: "read-on" };
const ASK: Next = { act: "ask" };

/** The one transition: what was asked, what came, and so what is told, and what is asked next. */
export function step<T>(state: State, input: Input<T>, circumstances: Circumstances): Step<T> {
  switch (input.kind) {
    case "lost":
      return readOn(state);
    case "opened":
      return stepAtOpening(state);
    case "page-end":
      return stepAtPageEnd(state, input);
    case "ended":
      return stepAtEnd(state, input.after, circumstances);
    case "failed":
      return stepAfterTrouble(state, input, circumstances);
    case "object":
    case "gone":
    case "bookmark":
      return state.phase.at === "watching" ? stepInWatch(state, input) : stepInListing(state, input);
  }
}

function stepAtOpening<T>(state: State): Step<T> {
  const { phase } = state;
  const begins = phase.at === "streaming" || (phase.at === "paging" && phase.token === undefined);
  return readOn(state, begins ? [{ kind: "listing-began" }] : []);
}

type Line<T> = Extract<Input<T>, { kind: "object" | "gone" | "bookmark" }>;

function stepInListing<T>(state: State, line: Line<T>): Step<T> {
  const { resourceVersion } = line;
  switch (line.kind) {
    case "object":
      return readOn(state, [{ kind: "listed", object: line.object }]);
    case "gone": // between the listing's start and its end, an object may still go
      return readOn(state, [{ kind: "deleted", key: line.key, resourceVersion }]);
    case "bookmark":
      return line.endsListing
        ? watchOn(state, resourceVersion, [{ kind: "listing-ended", resourceVersion }])
        : readOn(state);
  }
}

function stepInWatch<T>(state: State, line: Line<T>): Step<T> {
  const { resourceVersion } = line;
  switch (line.kind) {
    case "object":
      return watchOn(state, resourceVersion, [{ kind: "changed", object: line.object, resourceVersion }]);
    case "gone":
      return watchOn(state, resourceVersion, [{ kind: "deleted", key: line.key, resourceVersion }]);
    case "bookmark":
      return watchOn(state, resourceVersion, [{ kind: "progressed", resourceVersion }]);
  }
}

function stepAtPageEnd<T>(state: State, page: Extract<Input<T>, { kind: "page-end" }>): Step<T> {
  const { resourceVersion, token } = page;
  if (token === undefined)
    return { ...watchOn(state, resourceVersion, [{ kind: "listing-ended", resourceVersion }]), next: ASK };
  const after: State = { ...state, phase: { at: "paging", token }, serverErrorsInARow: 0 };
  return { state: after, events: [], heard: false, next: ASK };
}

function stepAtEnd<T>(state: State, after: Millis, circumstances: Circumstances): Step<T> {
  // All that happened before the end came before it, so the end itself is news of nothing else.
  if (state.phase.at === "watching" && after >= STREAM_LIFE_MIN)
    return { state, events: [], heard: true, next: ASK };
  const message = `the stream ended by itself after ${Math.round(after)} ms`;
  const trouble = { problem: "ended-early", message, retryAfter: undefined } as const;
  return stepAfterTrouble(state, trouble, circumstances);
}

function stepAfterTrouble<T>(
  state: State,
  trouble: Readonly<{ problem: Problem; message: string; retryAfter: Millis | undefined }>,
  { now, chance }: Circumstances,
): Step<T> {
  const { problem, message, retryAfter } = trouble;
  if (problem === "refused" && state.phase.at === "streaming")
    return { state: { ...state, phase: FIRST_PAGE, streams: false }, events: [], heard: false, next: ASK };
  const inARow = problem === "server-error" ? state.serverErrorsInARow + 1 : 0;
  const worn = inARow >= SERVER_ERRORS_MAX;
  const { wait, backoff } = backOff(state.backoff, { now, chance, retryAfter });
  const phase = phaseAfter(state, worn ? "worn-out" : problem);
  const waited = problem === "silent"; // long enough
  return {
    state: { ...state, phase, backoff, serverErrorsInARow: worn ? 0 : inARow },
    events: [],
    heard: false,
    next: { act: "retry", wait: waited ? millis(0) : wait, problem, message },
  };
}

const LOSES_NOTHING: ReadonlySet<string> = new Set([
  "unreachable", "throttled", "unauthorized", "forbidden", "broken-off", "ended-early", "server-error",
]); // prettier-ignore
const SPEAKS_AGAINST_STREAMING: ReadonlySet<string> = new Set(["silent", "ended-early", "worn-out"]);

function phaseAfter({ phase, streams }: State, problem: Problem | "worn-out"): Phase {
  if (phase.at === "streaming") return SPEAKS_AGAINST_STREAMING.has(problem) ? FIRST_PAGE : STREAMING;
  if (LOSES_NOTHING.has(problem) || (problem === "silent" && phase.at === "paging")) return phase;
  return phase.at === "watching" && streams && problem !== "worn-out" ? STREAMING : FIRST_PAGE;
}

function readOn<T>(state: State, events: readonly WatchEvent<T>[] = []): Step<T> {
  return { state, events, heard: false, next: READ_ON };
}

function watchOn<T>(state: State, from: string, events: readonly WatchEvent<T>[]): Step<T> {
  return {
    state: { ...state, phase: { at: "watching", from }, serverErrorsInARow: 0 },
    events,
    heard: true,
    next: READ_ON,
  };
}
