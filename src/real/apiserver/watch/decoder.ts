/**
 * From the bytes of an answer to inputs of the machine: a watch line by line, a list item by item.
 *
 * Invariant: an answer is never held whole; inputs come in the order of the bytes.
 */
import type { Millis } from "../../../base/units.ts";
import type { Meta } from "../../../cluster/object.ts";
import { ItemReader } from "./items.ts";
import { LineReader } from "./lines.ts";
import type { Input } from "./machine.ts";
import { failed, readEnvelope, readItem, readLine, type ReadObject } from "./wire.ts";

export type Decoder<T> = Readonly<{
  read(chunk: Uint8Array): Iterable<Input<T>>;
  /** What it means that the answer ended here, so long after it began. */
  end(after: Millis): Input<T>;
}>;

type HasMeta = Readonly<{ meta: Meta }>;

export function createWatchDecoder<T extends HasMeta>(readObject: ReadObject<T>): Decoder<T> {
  const lines = new LineReader();
  return {
    *read(chunk) {
      for (const line of lines.read(chunk)) yield readLine(line, readObject);
      if (lines.tooLong) yield failed("garbled", "a line of the watch has no end");
    },
    end: (after) => ({ kind: "ended", after }),
  };
}

export function createPageDecoder<T extends HasMeta>(readObject: ReadObject<T>): Decoder<T> {
  const items = new ItemReader();
  return {
    *read(chunk) {
      for (const item of items.read(chunk)) yield readItem(item, readObject);
      if (items.tooLong) yield failed("garbled", "an item of the list has no end");
    },
    end: () => readEnvelope(items.endEnvelope()),
  };
}
