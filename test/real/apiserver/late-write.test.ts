/**
 * A scale write that has to wait: for a connection, or for its answer. It never leaves after its time.
 */
import { expect, test } from "vitest";
import { must } from "../../../src/base/assert.ts";
import { millis, seconds } from "../../../src/base/units.ts";
import { createScalePort } from "../../../src/real/apiserver/scale.ts";
import type { ScalePort } from "../../../src/actuate/port.ts";
import type { ApiTransport } from "../../../src/real/apiserver/transport.ts";
import { wish } from "../../builders.ts";
import { connectTo, type Loopback, serve } from "./loopback.ts";

const WEB = { apiVersion: "apps/v1", kind: "Deployment", name: "web" };
const ANSWERS: Readonly<Record<string, unknown>> = {
  "/apis/apps/v1": {
    kind: "APIResourceList",
    resources: ["deployments", "deployments/scale"].map((name) => ({
      name,
      kind: "Deployment",
      namespaced: true,
    })),
  },
  "/apis/apps/v1/namespaces/shop/deployments/web/scale": {
    apiVersion: "autoscaling/v1",
    kind: "Scale",
    metadata: { uid: "u", resourceVersion: "7" },
    spec: { replicas: 3 },
    status: { replicas: 3 },
  },
};
/** All that the shared lane has. */
const CONNECTIONS = 32;

type Meeting = Readonly<{
  server: Loopback;
  transport: ApiTransport;
  write(over: Parameters<typeof wish>[1]): ReturnType<ScalePort["writeScale"]>;
  /** Takes every connection; resolves when all wait at the server. */
  occupy(): Promise<readonly Promise<unknown>[]>;
  /** Answers all that wait. */
  answer(): void;
}>;

async function meet(hangs: (method: string, path: string) => boolean): Promise<Meeting> {
  const waiting: (() => void)[] = [];
  let arrived = Promise.withResolvers<void>();
  const server = await serve((response, { method, url }) => {
    const answer = (): void => {
      response.writeHead(200, { "content-type": "application/json" });
      response.end(JSON.stringify(ANSWERS[url.split("?")[0] ?? ""] ?? {}));
    };
    if (!hangs(method, url)) return answer();
    waiting.push(answer);
    if (waiting.length === CONNECTIONS) arrived.resolve();
  });
  const transport = await connectTo(server);
  const port = createScalePort(transport);
  const scale = await port.readScale("shop", WEB);
  return {
    server,
    transport,
    write: (over) =>
      port.writeScale(
        "shop",
        WEB,
        must(scale.kind === "read" ? scale.value : undefined, "it is there"),
        wish(4, over),
      ),
    async occupy() {
      arrived = Promise.withResolvers();
      const hung = Array.from({ length: CONNECTIONS }, (_, n) =>
        transport.send({ method: "GET", path: `/hang/${n}` }),
      );
      await arrived.promise;
      return hung;
    },
    answer() {
      for (const each of waiting.splice(0)) each();
    },
  };
}

const putsOf = ({ seen }: Loopback): number => seen.filter(({ method }) => method === "PUT").length;
const hanging = (_: string, path: string): boolean => path.startsWith("/hang");

test("a write that waits for a connection is given up in its time, and never leaves", async () => {
  const { server, write, occupy, answer } = await meet(hanging);
  const hung = await occupy();
  expect(await write({ within: millis(200) })).toEqual({
    kind: "unreachable",
    message: expect.stringMatching(/nothing within 0\.[12]\d* s/),
  });
  answer();
  await Promise.all(hung);
  expect(await write({ within: seconds(10) })).toEqual({ kind: "written", resourceVersion: "7" });
  expect(putsOf(server)).toBe(1);
});

test("a write whose time ran out before any timer could say so does not leave", async () => {
  const { server, write } = await meet(hanging);
  expect(await write({ within: millis(0) })).toMatchObject({ kind: "unreachable" });
  expect(putsOf(server)).toBe(0);
});

test("a write whose answer does not come is broken off in its time", async () => {
  const { server, write, answer } = await meet((method) => method === "PUT");
  expect(await write({ within: millis(200) })).toMatchObject({ kind: "unreachable" });
  answer();
  expect(putsOf(server)).toBe(1);
});

test("a write is broken off when its signal says so", async () => {
  const { server, write, occupy, answer } = await meet(hanging);
  const hung = await occupy();
  const stop = new AbortController();
  const writing = write({ signal: stop.signal });
  stop.abort();
  expect(await writing).toEqual({
    kind: "unreachable",
    message: expect.stringMatching(/the caller gave up/),
  });
  answer();
  await Promise.all(hung);
  expect(putsOf(server)).toBe(0);
});
