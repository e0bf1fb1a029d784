/**
 * Recording kubelets: one TLS server that answers for every node with the bytes of a round until the test serves the next
 * one, and knows who has had which.
 *
 * Invariant: from the second round on, every reader has each answer once.
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
  /** A node that has no answer yet: who asks for it waits until there is one. */
  announce(node: string): void;
  serve(answers: Answers): void;
  /** Resolves when these have had the round's answer of every node. */
  hadBy(readers: readonly Reader[], times?: number): Promise<void>;
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
  let rounds = 0;
  /** Whoever has had the round's answer waits for the next: repeated stamps are what the script says, and no more. */
  const isToWait = (node: string, key: string): boolean =>
    answers.has(node) ? rounds > 1 && (had.get(key) ?? 0) > 0 : announced.has(node);
  const answer = (node: string, reader: Reader, response: ServerResponse): void => {
    const key = `${reader} ${node}`;
    if (response.destroyed) return;
    if (isToWait(node, key)) {
      waiting.set(node, [...(waiting.get(node) ?? []), () => answer(node, reader, response)]);
      return;
    }
    if (!answers.has(node)) return void response.writeHead(404).end();
    const [text, round] = [answers.get(node), answers];
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
      rounds++;
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
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
