/**
 * A transport that answers from a table: for what adapters make of answers. Paths and bodies that are right
 * for a real API server are tested against one (test/cluster).
 */
import type {
  ApiAnswer,
  ApiRequest,
  ApiStream,
  ApiTransport,
} from "../../../src/real/apiserver/transport.ts";

export type Scripted = ApiTransport & Readonly<{ asked: readonly ApiRequest[] }>;

export const answered = (status: number, body?: unknown): ApiAnswer => ({
  kind: "answered",
  status,
  retryAfter: undefined,
  body,
});

/** `answer` by request; `lines` are what each stream brings before it ends. */
export function scripted(
  answer: (request: ApiRequest, nth: number) => ApiAnswer,
  lines: (nth: number) => readonly string[] | ApiAnswer = () => [],
): Scripted {
  const asked: ApiRequest[] = [];
  let streams = 0;
  return {
    asked,
    send: async (request) => answer(request, asked.push(request)),
    async stream(request): Promise<ApiStream> {
      asked.push(request);
      const told = lines((streams += 1));
      if ("kind" in told) return told;
      return { kind: "open", chunks: chunksOf(told) };
    },
    close: async () => undefined,
  };
}

async function* chunksOf(lines: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const line of lines) yield Buffer.from(`${line}\n`);
}
