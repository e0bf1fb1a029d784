/**
 * One conversation with a Prometheus (or what speaks like one: Thanos, Mimir, VictoriaMetrics).
 *
 * Invariant: it is only ever read from, and no credential is in a message.
 */
import { readFile } from "node:fs/promises";
import { Agent, request } from "undici";
import type { Failure, ReadOutcome } from "../../base/outcome.ts";
import type { Millis } from "../../base/units.ts";
import { cleanMessage, wordsOf } from "../apiserver/message.ts";
import { isRecord, type Raw, record, text } from "../apiserver/watch/trim/raw.ts";

export type PrometheusOptions = Readonly<{
  /** With its path prefix, if any. */
  address: string;
  bearerTokenFile?: string | undefined;
  certificateAuthority?: string | undefined;
  insecureTls: boolean;
  timeout: Millis;
  userAgent: string;
}>;

export interface PrometheusWire {
  /** `data` of the answer. */
  ask(
    path: "query" | "query_range",
    form: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<ReadOutcome<Raw>>;
  close(): Promise<void>;
}

/** A day of 2,000 series at 5 minutes is 20 MB. */
const BODY_BYTES_MAX = 256 * 2 ** 20;

/** undefined when what is to be read beside the address cannot be; the message says what. */
export async function openPrometheus(options: PrometheusOptions): Promise<ReadOutcome<PrometheusWire>> {
  const { address, bearerTokenFile, certificateAuthority, insecureTls, timeout } = options;
  let authorization: Readonly<Record<string, string>> = {};
  let ca: string | undefined;
  try {
    if (bearerTokenFile !== undefined)
      authorization = { authorization: `Bearer ${(await readFile(bearerTokenFile, "utf8")).trim()}` };
    if (certificateAuthority !== undefined) ca = await readFile(certificateAuthority, "utf8");
  } catch (error) {
    return { kind: "refused", status: 0, message: cleanMessage(wordsOf(error)) };
  }
  const agent = new Agent({
    headersTimeout: timeout,
    bodyTimeout: timeout,
    connect: { rejectUnauthorized: !insecureTls, ...(ca !== undefined && { ca }) },
  });
  const root = address.replace(/\/+$/, "");
  const headers = {
    ...authorization,
    accept: "application/json",
    "content-type": "application/x-www-form-urlencoded",
    "user-agent": options.userAgent,
  };
  const wire: PrometheusWire = {
    async ask(path, form, signal) {
      try {
        const body = new URLSearchParams(form).toString();
        const answer = await request(`${root}/api/v1/${path}`, {
          method: "POST",
          dispatcher: agent,
          headers,
          body,
          signal,
        });
        return outcomeOf(answer.statusCode, await readBody(answer.body));
      } catch (error) {
        return { kind: "unreachable", message: cleanMessage(`no answer from ${root}: ${wordsOf(error)}`) };
      }
    },
    close: () => agent.close(),
  };
  return { kind: "read", value: wire };
}

async function readBody(body: AsyncIterable<unknown>): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > BODY_BYTES_MAX) throw new Error(`the answer is larger than ${BODY_BYTES_MAX} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function outcomeOf(status: number, body: string): ReadOutcome<Raw> {
  const parsed = parse(body);
  const data = parsed?.["data"];
  if (status === 200 && parsed?.["status"] === "success" && isRecord(data))
    return { kind: "read", value: data };
  return failureOf(status, text(record(parsed)["error"]) ?? `Prometheus answered ${status}`);
}

function failureOf(status: number, said: string): Failure {
  const message = cleanMessage(said);
  if (status === 401 || status === 403) return { kind: "forbidden", status, message };
  if (status === 404) return { kind: "absent", message };
  if (status >= 500 || status < 300) return { kind: "failed", status, retryAfter: undefined, message };
  return { kind: "refused", status, message };
}

function parse(body: string): Raw | undefined {
  try {
    const parsed: unknown = JSON.parse(body);
    return isRecord(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}
