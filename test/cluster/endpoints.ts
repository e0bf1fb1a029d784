/**
 * What a Service and the kubelets' probes do, for processes of a test: connections go to a replica that says that it is
 * ready, each as a whole, and one that no longer is gets no new ones.
 */
import { connect, createServer, type Socket } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import type { OperatorProcess } from "./operator-process.ts";

export type Endpoints = Readonly<{
  add(replica: OperatorProcess): void;
  close(): void;
}>;

/** A kubelet probes every few seconds; here a test would wait for it. */
const PROBE_EVERY_MILLIS = 100;

export async function startEndpoints(port: number): Promise<Endpoints> {
  const ready = new Map<OperatorProcess, boolean>();
  const stop = new AbortController();
  const open = new Set<Socket>();
  let turn = 0;
  const server = createServer((client) => {
    open.add(client);
    client.on("close", () => open.delete(client)).on("error", () => undefined);
    const targets = [...ready].filter(([, isReady]) => isReady).map(([{ securePort }]) => securePort);
    turn++;
    forward(client, targets.map((_, at) => targets[(at + turn) % targets.length] ?? 0));
  }); // prettier-ignore
  await new Promise<void>((settle) => server.listen(port, "127.0.0.1", settle));
  return {
    add(replica) {
      ready.set(replica, false);
      void probe(replica, (isReady) => ready.set(replica, isReady), stop.signal);
    },
    close() {
      stop.abort();
      server.close();
      for (const socket of open) socket.destroy();
    },
  };
}

/** To the first that takes it. */
function forward(client: Socket, [first, ...others]: readonly number[]): void {
  if (first === undefined) return void client.destroy();
  const replica = connect(first, "127.0.0.1", () => client.pipe(replica).pipe(client));
  replica.on("error", () =>
    replica.connecting || replica.pending ? forward(client, others) : client.destroy(),
  );
  replica.on("close", () => void client.end());
  client.on("close", () => replica.destroy());
}

async function probe(
  replica: OperatorProcess,
  tell: (ready: boolean) => void,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    const status = await replica.get("/readyz").then(
      (answer) => answer.status,
      () => 0,
    );
    tell(status === 200);
    await wait(PROBE_EVERY_MILLIS);
  }
}
