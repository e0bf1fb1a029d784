/**
 * `load NAME …` and `memory NAME …`: what is asked of a workload.
 *
 *   load web  0s: 500m   10m: 2000m   40m: 400m
 *   load web  steady 500m
 *   load web  daily low=500m high=4 period=24h phase=0.25
 *   load web  bursty low=1 high=6 every=20m length=3m
 *   load web  growing from=1 per-hour=500m
 *   load web  noisy 2 spread=0.3
 *   load web  trace 0s: 1   30m: 4
 *
 * Invariant: points come in the order of time.
 */
import type { Millis } from "../../base/units.ts";
import { minutes } from "../../base/units.ts";
import type { Point, Shape } from "../kubelet/load.ts";
import type { Line } from "./line.ts";

const DAY: Millis = minutes(24 * 60);

export function shapeOf(line: Line): Shape {
  if (line.takes("steady")) return { kind: "steady", level: line.amountOf(line.word("an amount")) };
  if (line.takes("daily")) return dailyOf(line);
  if (line.takes("bursty")) return burstyOf(line);
  if (line.takes("growing"))
    return { kind: "growing", from: line.amount("from") ?? 0, perHour: line.amount("per-hour") ?? 0 };
  if (line.takes("noisy"))
    return {
      kind: "noisy",
      level: line.amountOf(line.word("an amount")),
      spread: line.amount("spread") ?? 0.2,
    };
  if (line.takes("trace")) return { kind: "trace", points: pointsOf(line) };
  return { kind: "step", points: pointsOf(line) };
}

function dailyOf(line: Line): Shape {
  return {
    kind: "daily",
    low: line.amount("low") ?? 0,
    high: line.amount("high") ?? 0,
    period: line.duration("period") ?? DAY,
    phase: line.amount("phase") ?? 0,
  };
}

function burstyOf(line: Line): Shape {
  return {
    kind: "bursty",
    low: line.amount("low") ?? 0,
    high: line.amount("high") ?? 0,
    every: line.duration("every") ?? minutes(20),
    length: line.duration("length") ?? minutes(3),
  };
}

/** `0s: 500m 10m: 2` */
function pointsOf(line: Line): Point[] {
  const words = line.rest();
  const points: Point[] = [];
  for (let at = 0; at < words.length; at += 2) {
    const [moment = "", level] = words.slice(at, at + 2);
    if (!moment.endsWith(":") || level === undefined) {
      line.complain(`"${moment}" begins no point; write pairs such as \`10m: 500m\``);
      return points;
    }
    points.push({ at: line.durationOf(moment.slice(0, -1)), level: line.amountOf(level) });
  }
  if (points.length === 0)
    line.complain("a load needs points such as `0s: 500m 10m: 2`, or a shape such as `steady 2`");
  if (points.some((point, at) => at > 0 && point.at <= (points[at - 1]?.at ?? 0)))
    line.complain("points come in the order of time");
  return points;
}
