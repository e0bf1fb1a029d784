/**
 * A whole list, page by page and item by item: neither the answer nor the list is ever held as one text.
 */
import type { Failure } from "../../../base/outcome.ts";
import { type Raw, record, text } from "../watch/trim/raw.ts";
import { failureOf } from "../failure.ts";
import { cleanMessage, wordsOf } from "../message.ts";
import type { ApiTransport } from "../transport.ts";
import { ItemReader } from "../watch/items.ts";

export type ListRequest = Readonly<{
  path: string;
  query?: Readonly<Record<string, string>>;
  signal: AbortSignal;
}>;

export type Listed = Readonly<{ kind: "listed" }> | Failure;

const PAGE = "500";

/** `take` gets each item as it comes; a list that breaks off has given some of them. */
export async function listItems(
  transport: ApiTransport,
  request: ListRequest,
  take: (item: Raw) => void,
): Promise<Listed> {
  let next = "";
  do {
    const query = { limit: PAGE, ...request.query, ...(next === "" ? {} : { continue: next }) };
    const page = await readPage(transport, { ...request, query }, take);
    if (page.kind !== "page") return page;
    next = page.next;
  } while (next !== "");
  return { kind: "listed" };
}

type Page = Readonly<{ kind: "page"; next: string }> | Failure;

async function readPage(
  transport: ApiTransport,
  request: ListRequest,
  take: (item: Raw) => void,
): Promise<Page> {
  const stream = await transport.stream({ method: "GET", ...request });
  if (stream.kind !== "open") return failureOf(stream);
  const reader = new ItemReader();
  try {
    for await (const chunk of stream.chunks)
      for (const item of reader.read(chunk)) take(record(JSON.parse(item)));
    const envelope: unknown = JSON.parse(reader.endEnvelope());
    return { kind: "page", next: text(record(record(envelope)["metadata"])["continue"]) ?? "" };
  } catch (error) {
    const message = cleanMessage(`the list of ${request.path} broke off: ${wordsOf(error)}`);
    return { kind: "unreachable", message };
  }
}
