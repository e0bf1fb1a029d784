/**
 * A text that credentials are made of. One from a file is never older than a minute when it is used, and a
 * file that cannot be read for a moment (it is being replaced) does not take away what is known.
 */
import { readFile } from "node:fs/promises";
import type { Clock } from "../../../base/clock.ts";
import type { Log } from "../../../base/log.ts";
import { elapsed, minutes, type MonoMillis } from "../../../base/units.ts";
import { wordsOf } from "../message.ts";

/** As client-go does; the kubelet renews a token when a fifth of its life (at least two minutes) is left. */
const REREAD_AFTER = minutes(1);

export type Obtained<T> =
  | Readonly<{ kind: "obtained"; value: T }>
  /** `message` names the file or field, and the way out where there is one. */
  | Readonly<{ kind: "unobtainable"; message: string }>;

export interface TextSource {
  /** `anew`: what was read before did not do. */
  read(anew: boolean): Promise<Obtained<string>>;
}

/** What credentials need to know of the world besides files. */
export type CredentialPorts = Readonly<{ clock: Clock; log: Log }>;

export function fixedText(text: string): TextSource {
  return { read: async () => ({ kind: "obtained", value: text }) };
}

/** `field` says in messages what the file is for: `certificate-authority of cluster "dev"`. */
export function fileText(path: string, field: string, ports: CredentialPorts): TextSource {
  let last: Readonly<{ text: string; readAt: MonoMillis }> | undefined;
  return {
    async read(anew) {
      const now = ports.clock.mono();
      if (!anew && last !== undefined && elapsed(last.readAt, now) < REREAD_AFTER)
        return { kind: "obtained", value: last.text };
      try {
        const text = (await readFile(path, "utf8")).trim();
        if (text === "") throw new Error("it is empty");
        last = { text, readAt: now };
      } catch (error) {
        const message = `${field}: ${path} cannot be read: ${wordsOf(error)}`;
        if (last === undefined) return { kind: "unobtainable", message };
        ports.log("warn", "a credential file cannot be read; its last content stays in use", {
          file: message,
        });
      }
      return { kind: "obtained", value: last.text };
    },
  };
}
