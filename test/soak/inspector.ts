/**
 * Node's inspector from outside: whoever is asked needs only `--inspect`, and no line of its own for us.
 */
export type Inspector = Readonly<{
  /** Collects all garbage, then answers what is left: bytes of the heap. */
  collectAndMeasure(): Promise<number>;
  /** Any method of the protocol; rejects with its error. */
  call(method: string, params?: object): Promise<unknown>;
  close(): void;
}>;

type Reply = Readonly<{ id?: number; result?: unknown; error?: Readonly<{ message: string }> }>;
type Waiting = Readonly<{ settle(result: unknown): void; fail(trouble: Error): void }>;

/** Of what a process says at its start: `Debugger listening on ws://…`. */
export function addressIn(lines: readonly Readonly<{ message: string }>[]): string | undefined {
  return lines.map(({ message }) => /Debugger listening on (ws:\S+)/.exec(message)?.[1]).find(Boolean);
}

export async function openInspector(address: string): Promise<Inspector> {
  const socket = new WebSocket(address);
  await new Promise((settle, fail) => {
    socket.addEventListener("open", settle);
    socket.addEventListener("error", () => fail(new Error(`no inspector at ${address}`)));
  });
  const waiting = new Map<number, Waiting>();
  socket.addEventListener("message", ({ data }) => {
    const { id = 0, result, error } = JSON.parse(String(data)) as Reply;
    const asked = waiting.get(id);
    waiting.delete(id);
    if (error === undefined) asked?.settle(result);
    else asked?.fail(new Error(error.message));
  });
  socket.addEventListener("close", () => {
    for (const { fail } of waiting.values()) fail(new Error("the process that was inspected has ended"));
    waiting.clear();
  });
  let asked = 0;
  const call: Inspector["call"] = (method, params = {}) =>
    new Promise((settle, fail) => {
      const id = ++asked;
      waiting.set(id, { settle, fail });
      socket.send(JSON.stringify({ id, method, params }));
    });
  return {
    call,
    async collectAndMeasure() {
      // a second one takes what the finalizers of the first have let go
      for (let turn = 0; turn < 2; turn++) await call("HeapProfiler.collectGarbage");
      return ((await call("Runtime.getHeapUsage")) as { usedSize: number }).usedSize;
    },
    close: () => socket.close(),
  };
}
