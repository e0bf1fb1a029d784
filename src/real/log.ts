/**
 * The log of a running operator: one JSON object a line on standard output, written before the call
 * returns, so that the last words of a dying process are there.
 */
import { destination, pino, stdTimeFunctions, type DestinationStream } from "pino";
import type { Log, LogLevel } from "../base/log.ts";

export type JsonLog = Readonly<{
  log: Log;
  /** Lines below `level` are dropped from now on. */
  setLevel(level: LogLevel): void;
}>;

/** `stream` is standard output unless a test looks on. */
export function createLog(level: LogLevel, stream?: DestinationStream): JsonLog {
  const logger = pino(
    {
      level,
      base: null,
      messageKey: "message",
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    stream ?? destination({ fd: 1, sync: true }),
  );
  return {
    log(lineLevel, message, fields) {
      logger[lineLevel](fields ?? {}, message);
    },
    setLevel(next) {
      logger.level = next;
    },
  };
}
