/**
 * Watches that are late, broken, or opened at a server that is behind.
 */
import { millis, minutes, seconds } from "../../base/units.ts";
import { KINDS, type Kind } from "../../cluster/port.ts";
import type { Cut, Fault } from "../ports/fault.ts";
import { type FaultRow, standing } from "./fault-row.ts";

const kinds: FaultRow["victims"] = () => KINDS;

/** A quiet watch looks once a minute, and shows that it lives. */
const LOOKED_AT = seconds(70);

const ofKind = (kind: string, what: string, fault: Omit<Fault, "name">, longest = minutes(3)): FaultRow => ({
  kind,
  what,
  shortest: LOOKED_AT,
  longest,
  victims: kinds,
  begin: (ground, { on }, bite) => standing(ground, { name: kind, ...onlyOf(on, fault) }, bite),
});

function onlyOf(wanted: string, { delay, cut }: Omit<Fault, "name">): Omit<Fault, "name"> {
  return {
    ...(delay !== undefined && { delay: (kind: Kind) => (kind === wanted ? delay(kind) : undefined) }),
    ...(cut !== undefined && { cut: (kind: Kind) => (kind === wanted ? cut(kind) : undefined) }),
  };
}

const behind = (age: Cut["age"]) => ({ cut: () => ({ age }) });

/** Of every watch that is open, and of none that is opened after it. */
const EXPIRED: FaultRow = {
  kind: "expired-watch",
  what: "a kind's watches are answered with 410, and it is listed again at once",
  shortest: LOOKED_AT,
  longest: seconds(90),
  victims: kinds,
  begin(ground, { on }, bite) {
    const cut: Cut = { age: millis(0), once: true };
    return standing(ground, { name: "expired-watch", ...onlyOf(on, { cut: () => cut }) }, bite);
  },
};

export const WATCH_FAULTS: readonly FaultRow[] = [
  ofKind("late-watch", "what happens to a kind is told half a minute late, and so out of order with others", {
    delay: () => seconds(30),
  }),
  ofKind("frozen-watch", "a kind's watch stays open and says nothing for two minutes at a time", {
    delay: () => seconds(120),
  }),
  ofKind(
    "lost-watch",
    "a kind's watch is broken: events are lost, and several changes become one",
    behind(millis(0)),
  ),
  EXPIRED,
  ofKind(
    "old-server",
    "a kind is listed by an API server that is a minute behind",
    behind(seconds(60)),
    seconds(90),
  ),
];
