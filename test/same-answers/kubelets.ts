/**
 * Recording kubelets: one TLS server that answers for every node with bytes that stay the same until the test serves the
 * next round, and knows who has had which.
 */
import { readFileSync } from "node:fs";
import { createServer } from "node:https";
import type { ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import type { ControlPlane } from "../control-plane/connection.ts";

export const READERS = ["ours", "theirs"] as const;
export type Reader = (typeof READERS)[number];

/** undefined: the kubelet answers 500. */
export type Answers = ReadonlyMap<string, string | undefined>;

export type Kubelets = Readonly<{
  port: number;
  /** A node that has no answer yet: who asks for it waits until it is served. */
  announce(node: string): void;
  serve(answers: Answers): void;
  /** Resolves when these have had the round's answer of every node. */
  hadBy(readers: readonly Reader[], times?: number): Promise<void>;
  /** Who has had an answer of this round more than once: a reader that the machine made late. */
  readAgain(): readonly string[];
  close(): void;
}>;

/** Two rounds, on a busy machine. */
const PATIENCE_MILLIS = 60_000;
const LOOK_EVERY_MILLIS = 20;

export async function startKubelets({ folder }: ControlPlane): Promise<Kubelets> {
  const read = (ending: string): Buffer => readFileSync(join(folder, `certs/kubelet.${ending}`));
  const announced = new Set<string>();
  const waiting = new Map<string, (() => void)[]>();
  const had = new Map<string, number>();
  let answers: Answers = new Map();
  const answer = (node: string, reader: Reader, response: ServerResponse): void => {
    if (!answers.has(node)) {
      if (!announced.has(node)) return void response.writeHead(404).end();
      const others = waiting.get(node) ?? [];
      waiting.set(node, [...others, () => answer(node, reader, response)]);
      return;
    }
    const text = answers.get(node);
    const key = `${reader} ${node}`;
    const round = answers;
    response.on("finish", () => {
      if (round === answers) had.set(key, (had.get(key) ?? 0) + 1);
    });
    if (text === undefined) response.writeHead(500).end("no statistics");
    else response.writeHead(200, { "content-type": "text/plain; version=0.0.4" }).end(text);
  };
  const server = createServer({ cert: read("crt"), key: read("key") }, (request, response) => {
    const reader = request.headers["user-agent"]?.startsWith("plimsoll/") ? "ours" : "theirs";
    answer(request.url?.split("/")[3] ?? "", reader, response);
  });
  server.keepAliveTimeout = 120_000;
  await new Promise<void>((settle) => server.listen(0, "127.0.0.1", settle));
  return {
    port: (server.address() as AddressInfo).port,
    announce: (node) => void announced.add(node),
    serve(next) {
      answers = next;
      had.clear();
      for (const [node, requests] of waiting) {
        if (!next.has(node)) continue;
        waiting.delete(node);
        for (const request of requests) request();
      }
    },
    async hadBy(readers, times = 1) {
      const deadline = performance.now() + PATIENCE_MILLIS;
      const missing = () =>
        readers
          .flatMap((reader) => [...answers.keys()].map((node) => `${reader} ${node}`))
          .filter((key) => (had.get(key) ?? 0) < times);
      while (missing().length > 0) {
        if (performance.now() > deadline) throw new Error(`not fetched: ${missing().join(", ")}`);
        await wait(LOOK_EVERY_MILLIS);
      }
    },
    readAgain: () => [...had].flatMap(([key, times]) => (times > 1 ? [`${key} ${times}`] : [])),
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
