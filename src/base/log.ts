/**
 * Logging as a port: the river says what happened in words and fields; `real/` writes it as JSON lines.
 */
export type LogLevel = "debug" | "info" | "warn" | "error";
export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

/** One line. `message` is a sentence without figures that vary; those go into `fields`. */
export type Log = (level: LogLevel, message: string, fields?: LogFields) => void;
