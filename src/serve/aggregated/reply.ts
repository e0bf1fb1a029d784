/**
 * An answer before it is sent. Short ones are a text; long ones are slices, made one after the other while
 * they go out, so that no list holds up the rest.
 */
import { createHash } from "node:crypto";
import { type Refusal, statusBody } from "./status-body.ts";

export type Slices = Readonly<{ slices: Iterable<string> }>;
export type Reply = Readonly<{
  status: number;
  headers: Readonly<Record<string, string>>;
  body: string | Slices;
}>;

const JSON_TYPE = { "content-type": "application/json" };

export const json = (value: unknown): Reply => ({
  status: 200,
  headers: JSON_TYPE,
  body: `${JSON.stringify(value)}\n`,
});

export const sliced = (slices: Iterable<string>): Reply => ({
  status: 200,
  headers: JSON_TYPE,
  body: { slices },
});

export const refusalReply = (refusal: Refusal): Reply => ({
  status: refusal.code,
  headers: {
    ...JSON_TYPE,
    ...(refusal.retryAfter !== undefined && { "retry-after": String(refusal.retryAfter) }),
  },
  body: `${JSON.stringify(statusBody(refusal))}\n`,
});

/** A document that never changes while the process lives, with its tag. */
export type Document = Readonly<{ etag: string; type: string; text: string }>;

export function documentOf(value: unknown, type = "application/json"): Document {
  const text = `${JSON.stringify(value)}\n`;
  return { etag: `"${createHash("sha256").update(text).digest("hex")}"`, type, text };
}

/** 304 without a body when the client names the tag. */
export function documentReply({ etag, type, text }: Document, ifNoneMatch: string | undefined): Reply {
  const headers = { "content-type": type, etag, vary: "Accept" };
  const isKnown = (ifNoneMatch ?? "")
    .split(",")
    .some((tag) => ["*", etag].includes(tag.trim().replace(/^W\//, "")));
  return isKnown ? { status: 304, headers, body: "" } : { status: 200, headers, body: text };
}
