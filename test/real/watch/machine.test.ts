import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { objectKey } from "../../../src/base/ids.ts";
import { millis, minutes, monoMillis, seconds } from "../../../src/base/units.ts";
import type { WatchEvent } from "../../../src/cluster/watch-event.ts";
import {
  type Input,
  type Next,
  type Phase,
  type Problem,
  START,
  type State,
  step,
} from "../../../src/real/apiserver/watch/machine.ts";

const NOW = { now: monoMillis(1_000_000), chance: 0 };
const key = objectKey("shop", "web");
const streaming: Phase = { at: "streaming" };
const firstPage: Phase = { at: "paging", token: undefined };
const nextPage: Phase = { at: "paging", token: "t" };
const watching: Phase = { at: "watching", from: "5" };

const inPhase = (phase: Phase, over: Partial<State> = {}): State => ({ ...START, phase, ...over });
const trouble = (problem: Problem): Input<string> => ({
  kind: "failed",
  problem,
  message: "why",
  retryAfter: undefined,
});
const step1 = (state: State, input: Input<string>) => step<string>(state, input, NOW);

test("a kind is first listed by WatchList", () => {
  expect(START.phase).toEqual(streaming);
});

describe("what comes is told, and moves the phase", () => {
  type Row = readonly [what: string, phase: Phase, input: Input<string>, then: Then];
  type Then = Readonly<{
    events: readonly WatchEvent<string>[];
    after: Phase;
    heard: boolean;
    act: Next["act"];
  }>;
  const then = (
    events: readonly WatchEvent<string>[],
    after: Phase,
    { heard = false, act = "read-on" as Next["act"] } = {},
  ): Then => ({ events, after, heard, act });
  const object: Input<string> = { kind: "object", object: "web", resourceVersion: "7" };
  const gone: Input<string> = { kind: "gone", key, resourceVersion: "7" };
  const bookmark = (endsListing: boolean): Input<string> => ({
    kind: "bookmark",
    resourceVersion: "7",
    endsListing,
  });
  const pageEnd = (token?: string): Input<string> => ({ kind: "page-end", resourceVersion: "7", token });
  const at7: Phase = { at: "watching", from: "7" };
  const began: WatchEvent<string> = { kind: "listing-began" };
  const ended: WatchEvent<string> = { kind: "listing-ended", resourceVersion: "7" };
  const listed: WatchEvent<string> = { kind: "listed", object: "web" };

  const heard = { heard: true };
  const deletion: WatchEvent<string> = { kind: "deleted", key, resourceVersion: "7" };
  const change: WatchEvent<string> = { kind: "changed", object: "web", resourceVersion: "7" };
  const progress: WatchEvent<string> = { kind: "progressed", resourceVersion: "7" };

  test.each<Row>([
    ["a WatchList opens", streaming, { kind: "opened" }, then([began], streaming)],
    ["an object of it", streaming, object, then([listed], streaming)],
    ["an object that went meanwhile", streaming, gone, then([deletion], streaming)],
    ["a bookmark before its end", streaming, bookmark(false), then([], streaming)],
    ["the bookmark at its end", streaming, bookmark(true), then([ended], at7, heard)],
    ["the first page begins", firstPage, { kind: "opened" }, then([began], firstPage)],
    ["another page begins", nextPage, { kind: "opened" }, then([], nextPage)],
    ["an item of a page", nextPage, object, then([listed], nextPage)],
    ["a page ends, and there are more", firstPage, pageEnd("t"), then([], nextPage, { act: "ask" })],
    ["the last page ends", nextPage, pageEnd(), then([ended], at7, { heard: true, act: "ask" })],
    ["a watch opens", watching, { kind: "opened" }, then([], watching)],
    ["a change", watching, object, then([change], at7, heard)],
    ["a deletion", watching, gone, then([deletion], at7, heard)],
    ["a bookmark", watching, bookmark(false), then([progress], at7, heard)],
    ["an unreadable object in a listing", streaming, { kind: "lost" }, then([], streaming)],
    ["an unreadable object in a watch", watching, { kind: "lost" }, then([], watching)],
    [
      "a watch at its time limit",
      watching,
      { kind: "ended", after: minutes(6) },
      then([], watching, { heard: true, act: "ask" }),
    ],
  ])("%s", (_, phase, input, expected) => {
    const { events, state, heard: wasHeard, next } = step1(inPhase(phase), input);
    expect({ events, after: state.phase, heard: wasHeard, act: next.act }).toEqual(expected);
    expect(state.backoff, "no trouble").toEqual(START.backoff);
  });
});

describe("after trouble, the shortest way back that loses no event", () => {
  type Row = readonly [problem: Problem, watching: Phase, streaming: Phase, paging: Phase];
  test.each<Row>([
    ["unreachable", watching, streaming, nextPage],
    ["throttled", watching, streaming, nextPage],
    ["unauthorized", watching, streaming, nextPage],
    ["forbidden", watching, streaming, nextPage],
    ["broken-off", watching, streaming, nextPage],
    ["silent", streaming, firstPage, nextPage],
    ["ended-early", watching, firstPage, nextPage],
    ["server-error", watching, streaming, nextPage],
    ["absent", streaming, streaming, firstPage],
    ["expired", streaming, streaming, firstPage],
    ["garbled", streaming, streaming, firstPage],
    ["refused", streaming, firstPage, firstPage],
  ])("%s", (problem, afterWatching, afterStreaming, afterPaging) => {
    expect(step1(inPhase(watching), trouble(problem)).state.phase).toEqual(afterWatching);
    expect(step1(inPhase(streaming), trouble(problem)).state.phase).toEqual(afterStreaming);
    expect(step1(inPhase(nextPage), trouble(problem)).state.phase).toEqual(afterPaging);
  });

  test("trouble tells no event and is no sign of life; its words reach whoever listens", () => {
    const { events, heard, next } = step1(inPhase(watching), trouble("expired"));
    expect(events).toEqual([]);
    expect(heard).toBe(false);
    expect(next).toEqual({ act: "retry", wait: 800, problem: "expired", message: "why" });
  });

  test("silence was wait enough", () => {
    expect(step1(inPhase(watching), trouble("silent")).next).toMatchObject({ act: "retry", wait: 0 });
  });

  test("a server without WatchList is paged at once and for good, which is no trouble", () => {
    const refused = step1(START, trouble("refused"));
    expect(refused.next).toEqual({ act: "ask" });
    expect(refused.state).toEqual({ ...START, phase: firstPage, streams: false });
    const expired = step1({ ...refused.state, phase: watching }, trouble("expired"));
    expect(expired.state.phase).toEqual(firstPage);
  });

  test("a WatchList that stalls is replaced by pages once; the next listing tries it again", () => {
    const stalled = step1(START, trouble("silent")).state;
    expect(stalled.streams).toBe(true);
    expect(step1({ ...stalled, phase: watching }, trouble("expired")).state.phase).toEqual(streaming);
  });

  test.each([
    ["watching", watching],
    ["streaming", streaming],
    ["paging", nextPage],
  ])("three server errors in a row while %s make a listing by pages; fewer do not", (_, phase) => {
    const once = step1(inPhase(phase), trouble("server-error")).state;
    const twice = step1(once, trouble("server-error")).state;
    expect(twice.phase).toEqual(phase);
    const thrice = step1(twice, trouble("server-error")).state;
    expect(thrice.phase).toEqual(firstPage);
    expect(thrice.serverErrorsInARow).toBe(0);
  });

  test("an event or another problem between them breaks the row", () => {
    const twice = inPhase(watching, { serverErrorsInARow: 2 });
    const heard = step1(twice, { kind: "object", object: "web", resourceVersion: "7" }).state;
    expect(step1(heard, trouble("server-error")).state.phase).toEqual({ at: "watching", from: "7" });
    const other = step1(twice, trouble("unreachable")).state;
    expect(step1(other, trouble("server-error")).state.phase).toEqual(watching);
  });

  test.each([
    ["a watch within a second", watching, millis(999), watching],
    ["a listing, whenever", streaming, minutes(5), firstPage],
  ])("the server ends %s: that is trouble", (_, phase, after, then) => {
    const { state, next } = step1(inPhase(phase), { kind: "ended", after });
    expect(state.phase).toEqual(then);
    expect(next).toMatchObject({ act: "retry", problem: "ended-early", wait: 800 });
  });

  test("the wait is at least what the server asked for", () => {
    const busy: Input<string> = { kind: "failed", problem: "throttled", message: "", retryAfter: seconds(9) };
    expect(step1(inPhase(watching), busy).next).toMatchObject({ wait: 9000 });
  });
});

describe("whatever comes in whatever order", () => {
  const version = fc.integer({ min: 1, max: 99 }).map(String);
  const problem = fc.constantFrom<Problem>(
    "unreachable", "throttled", "unauthorized", "forbidden", "broken-off", "silent",
    "ended-early", "server-error", "absent", "expired", "garbled", "refused",
  ); // prettier-ignore
  const input: fc.Arbitrary<Input<string>> = fc.oneof(
    { weight: 3, arbitrary: fc.record({ kind: fc.constant("object"), object: fc.string(), resourceVersion: version }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant("bookmark"), resourceVersion: version, endsListing: fc.boolean() }) },
    { weight: 2, arbitrary: problem.map(trouble) },
    fc.record({ kind: fc.constant("gone"), key: fc.constant(key), resourceVersion: version }),
    fc.record({ kind: fc.constant("ended"), after: fc.nat(600_000).map(millis) }),
    fc.constant({ kind: "lost" } as const),
  ); // prettier-ignore

  /** What a listener knows of a listing and of the version it has reached. */
  type Heard = Readonly<{ listing: boolean; reached: string | undefined }>;
  const hear = ({ listing, reached }: Heard, event: WatchEvent<string>): Heard => {
    if (event.kind === "listing-began") return { listing: true, reached };
    if (event.kind === "listed" || event.kind === "listing-ended") expect(listing).toBe(true);
    if (event.kind === "listed" || (listing && event.kind !== "listing-ended")) return { listing, reached };
    return { listing: false, reached: event.resourceVersion };
  };
  /** A page has an end of its own, and ends in no other way. */
  const fitting = ({ phase }: State, next: Input<string>): Input<string> =>
    phase.at !== "paging" || next.kind === "failed" || next.kind === "object"
      ? next
      : { kind: "page-end", resourceVersion: "50", token: undefined };

  test("events follow the grammar of a listing and its changes, and a watch never begins at a version of a listing's objects", () => {
    fc.assert(
      fc.property(fc.array(input, { maxLength: 60 }), (inputs) => {
        let state = START;
        let heard: Heard = { listing: false, reached: undefined };
        for (const next of inputs) {
          const opened = step1(state, { kind: "opened" });
          const came = step1(opened.state, fitting(state, next));
          heard = [...opened.events, ...came.events].reduce(hear, heard);
          state = came.state;
          if (state.phase.at === "watching") expect(state.phase.from).toBe(heard.reached);
        }
      }),
      { numRuns: 500 },
    );
  });
});
