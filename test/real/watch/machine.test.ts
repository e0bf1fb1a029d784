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
  type Row = readonly [
    what: string,
    phase: Phase,
    input: Input<string>,
    events: readonly WatchEvent<string>[],
    after: Phase,
    heard: boolean,
    act: Next["act"],
  ];
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

  test.each<Row>([
    ["a WatchList opens", streaming, { kind: "opened" }, [began], streaming, false, "read-on"],
    ["an object of it", streaming, object, [listed], streaming, false, "read-on"],
    [
      "an object that went meanwhile",
      streaming,
      gone,
      [{ kind: "deleted", key, resourceVersion: "7" }],
      streaming,
      false,
      "read-on",
    ],
    ["a bookmark before its end", streaming, bookmark(false), [], streaming, false, "read-on"],
    ["the bookmark at its end", streaming, bookmark(true), [ended], at7, true, "read-on"],
    ["the first page begins", firstPage, { kind: "opened" }, [began], firstPage, false, "read-on"],
    ["another page begins", nextPage, { kind: "opened" }, [], nextPage, false, "read-on"],
    ["an item of a page", nextPage, object, [listed], nextPage, false, "read-on"],
    ["a page ends, and there are more", firstPage, pageEnd("t"), [], nextPage, false, "ask"],
    ["the last page ends", nextPage, pageEnd(), [ended], at7, true, "ask"],
    ["a watch opens", watching, { kind: "opened" }, [], watching, false, "read-on"],
    [
      "a change",
      watching,
      object,
      [{ kind: "changed", object: "web", resourceVersion: "7" }],
      at7,
      true,
      "read-on",
    ],
    ["a deletion", watching, gone, [{ kind: "deleted", key, resourceVersion: "7" }], at7, true, "read-on"],
    [
      "a bookmark",
      watching,
      bookmark(false),
      [{ kind: "progressed", resourceVersion: "7" }],
      at7,
      true,
      "read-on",
    ],
    ["an unreadable object in a listing", streaming, { kind: "lost" }, [], streaming, false, "read-on"],
    ["an unreadable object in a watch", watching, { kind: "lost" }, [], watching, false, "read-on"],
    ["a watch at its time limit", watching, { kind: "ended", after: minutes(6) }, [], watching, false, "ask"],
  ])("%s", (_, phase, input, events, after, heard, act) => {
    const result = step1(inPhase(phase), input);
    expect(result.events).toEqual(events);
    expect(result.state.phase).toEqual(after);
    expect(result.heard).toBe(heard);
    expect(result.next.act).toBe(act);
    expect(result.state.backoff, "no trouble").toEqual(START.backoff);
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
    ["silent", watching, firstPage, nextPage],
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

  test("events follow the grammar of a listing and its changes, and a watch never begins at a version of a listing's objects", () => {
    fc.assert(
      fc.property(fc.array(input, { maxLength: 60 }), (inputs) => {
        let state = START;
        let listingOpen = false;
        let reached: string | undefined;
        for (const next of inputs) {
          // A page has an end of its own, and ends in no other way.
          const fits = state.phase.at !== "paging" || next.kind === "failed" || next.kind === "object";
          const came: Input<string> = fits
            ? next
            : { kind: "page-end", resourceVersion: "50", token: undefined };
          const opened = step1(state, { kind: "opened" });
          for (const result of [opened, step1(opened.state, came)]) {
            for (const event of result.events) {
              if (event.kind === "listing-began") listingOpen = true;
              else if (event.kind === "listed") expect(listingOpen).toBe(true);
              else if (event.kind === "listing-ended") {
                expect(listingOpen).toBe(true);
                listingOpen = false;
                reached = event.resourceVersion;
              } else if (!listingOpen) reached = event.resourceVersion;
            }
            state = result.state;
            if (state.phase.at === "watching") expect(state.phase.from).toBe(reached);
          }
        }
      }),
      { numRuns: 500 },
    );
  });
});
