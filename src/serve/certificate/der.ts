/**
 * The few forms of DER (X.690) that a certificate is made of. Every function returns one whole element:
 * tag, length, content.
 */
import { assert } from "../../base/assert.ts";

export function der(tag: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const content = Buffer.concat(parts);
  const size = content.length;
  const length = size < 0x80 ? [size] : size < 0x100 ? [0x81, size] : [0x82, size >> 8, size & 0xff];
  return Buffer.concat([Uint8Array.of(tag, ...length), content]);
}

export const sequence = (...parts: readonly Uint8Array[]): Uint8Array => der(0x30, ...parts);
/** Content is big-endian and its first bit clear: a positive number. */
export const integer = (content: Uint8Array): Uint8Array => der(0x02, content);
export const bool = (value: boolean): Uint8Array => der(0x01, Uint8Array.of(value ? 0xff : 0));
export const octets = (content: Uint8Array): Uint8Array => der(0x04, content);
/** `unused`: how many bits at the end do not count. */
export const bitString = (content: Uint8Array, unused = 0): Uint8Array =>
  der(0x03, Uint8Array.of(unused), content);
/** `[n] EXPLICIT`: an element in a numbered wrapper. */
export const explicit = (number: number, element: Uint8Array): Uint8Array => der(0xa0 + number, element);
/** `[n] IMPLICIT` of a primitive: the number takes the place of the tag. */
export const context = (number: number, content: Uint8Array): Uint8Array => der(0x80 + number, content);

/**
 * Base 128, high bit on all but the last byte; the first two arcs share a byte. `2.5.4.3` → 06 03 55 04 03.
 */
export function oid(dotted: string): Uint8Array {
  const [first = 0, second = 0, ...rest] = dotted.split(".").map(Number);
  const bytes = [first * 40 + second, ...rest].flatMap((arc) => {
    const digits = [arc % 128];
    for (let left = Math.floor(arc / 128); left > 0; left = Math.floor(left / 128))
      digits.unshift((left % 128) + 128);
    return digits;
  });
  return der(0x06, Uint8Array.from(bytes));
}

const LAST_UTC_TIME = Date.UTC(2050, 0, 1);

/** `yymmddhhmmssZ`, in milliseconds since the epoch; good until 2049. */
export function utcTime(at: number): Uint8Array {
  assert(at < LAST_UTC_TIME, "a certificate ends before 2050");
  const digits = new Date(at).toISOString().replace(/\D/g, "").slice(2, 14);
  return der(0x17, new TextEncoder().encode(`${digits}Z`));
}

/** A distinguished name as Kubernetes reads it: CN is the user, each O a group. */
export function names(subject: Readonly<{ name: string; groups?: readonly string[] }>): Uint8Array {
  const one = (type: string, value: string): Uint8Array =>
    der(0x31, sequence(oid(type), der(0x0c, new TextEncoder().encode(value))));
  return sequence(
    ...(subject.groups ?? []).map((group) => one("2.5.4.10", group)),
    one("2.5.4.3", subject.name),
  );
}

export function pem(label: string, content: Uint8Array): string {
  const lines =
    Buffer.from(content)
      .toString("base64")
      .match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ""].join("\n");
}
