import { createServer, type IncomingMessage } from "node:http";
import { connect, type AddressInfo, type Socket } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { seconds } from "../../../src/base/units.ts";
import type { ApiRequest, ApiStream } from "../../../src/real/apiserver/transport.ts";
import { answerJson, answerOk, connectTo, serve, SHORT } from "./loopback.ts";

const GET: ApiRequest = { method: "GET", path: "/api/v1/nodes" };
const PUT: ApiRequest = { method: "PUT", path: "/api/v1/nodes/a", body: { a: 1 } };

test("a request carries path, query, body, credentials and our name", async () => {
  const server = await serve(answerOk);
  const transport = await connectTo(server, { server: `${server.url}/k8s/clusters/c-1/` });
  const answer = await transport.send({ ...PUT, query: { fieldManager: "plimsoll", x: "a b" } });
  expect(answer).toEqual({ kind: "answered", status: 200, retryAfter: undefined, body: { ok: true } });
  expect(server.seen).toMatchObject([
    {
      method: "PUT",
      url: "/k8s/clusters/c-1/api/v1/nodes/a?fieldManager=plimsoll&x=a%20b",
      body: '{"a":1}',
      headers: {
        "user-agent": "plimsoll/1.2.3",
        "content-type": "application/json",
        authorization: "Bearer secret",
        accept: "application/json",
      },
    },
  ]);
});

test("two hundred requests in a row share at most two connections", async () => {
  const server = await serve(answerOk);
  const transport = await connectTo(server);
  for (let n = 0; n < 200; n += 1) await transport.send(GET);
  expect(server.seen).toHaveLength(200);
  expect(server.connectionCount()).toBeLessThanOrEqual(2);
});

test("many requests at once use a bounded number of connections", async () => {
  const server = await serve((response) => void setImmediate(() => answerOk(response, server.seen[0]!, 0)));
  const transport = await connectTo(server);
  const answers = await Promise.all(Array.from({ length: 300 }, () => transport.send(GET)));
  expect(answers.every(({ kind }) => kind === "answered")).toBe(true);
  expect(server.connectionCount()).toBeLessThanOrEqual(32);
});

test("the lease gets through while everything else is stuck", async () => {
  const server = await serve((response, { url }) => {
    if (url === "/lease") answerJson(response, 200, {});
  });
  const transport = await connectTo(server);
  const stuck = new AbortController();
  const others = Array.from({ length: 50 }, () => transport.send({ ...GET, signal: stuck.signal }));
  const lease = await transport.send({ method: "GET", path: "/lease", lane: "lease" });
  expect(lease).toMatchObject({ status: 200 });
  stuck.abort();
  expect((await Promise.all(others)).every(({ kind }) => kind === "unreachable")).toBe(true);
});

test("a GET survives a connection that was closed while idle", async () => {
  const server = await serve((response, seen, nth) =>
    nth === 2 ? response.socket?.destroy() : answerOk(response, seen, nth),
  );
  const transport = await connectTo(server);
  await transport.send(GET);
  expect(await transport.send(GET)).toMatchObject({ status: 200 });
  expect(server.seen).toHaveLength(3);
});

test("a write that was cut off may have happened, and is not repeated", async () => {
  const server = await serve((response) => response.socket?.destroy());
  const transport = await connectTo(server);
  expect(await transport.send(PUT)).toMatchObject({ kind: "unreachable" });
  expect(server.seen).toHaveLength(1);
});

test("a GET that is cut off again and again is given up after the second time", async () => {
  const server = await serve((response) => response.socket?.destroy());
  const transport = await connectTo(server);
  const answer = await transport.send(GET);
  expect(answer).toMatchObject({ kind: "unreachable", message: expect.stringContaining(server.url) });
  expect(server.seen).toHaveLength(2);
});

test("a body that is cut off is no answer", async () => {
  const server = await serve((response) => {
    response.writeHead(200, { "content-type": "application/json", "content-length": 100 });
    response.write('{"kind":', () => response.socket?.destroy());
  });
  const transport = await connectTo(server);
  expect(await transport.send(GET)).toMatchObject({ kind: "unreachable" });
});

test("a stalled answer is given up when its time is over", async () => {
  const server = await serve(() => undefined);
  const transport = await connectTo(server);
  expect(await transport.send({ ...GET, timeout: SHORT })).toEqual({
    kind: "unreachable",
    message: `no answer from ${server.url}: nothing within 0.05 s`,
  });
});

test("a body that stalls is given up too", async () => {
  const server = await serve((response) => void response.writeHead(200).write("{"));
  const transport = await connectTo(server);
  expect(await transport.send({ ...GET, timeout: SHORT })).toMatchObject({ kind: "unreachable" });
});

test("a caller may give up, before and while it waits", async () => {
  const caller = new AbortController();
  const server = await serve(() => caller.abort());
  const transport = await connectTo(server);
  const gaveUp = { kind: "unreachable", message: `no answer from ${server.url}: the caller gave up` };
  expect(await transport.send({ ...GET, signal: caller.signal })).toEqual(gaveUp);
  expect(await transport.send({ ...GET, signal: caller.signal })).toEqual(gaveUp);
  expect(server.seen).toHaveLength(1);
});

test.each([
  { header: "7", retryAfter: seconds(7) },
  { header: undefined, retryAfter: undefined },
  { header: "soon", retryAfter: undefined },
])("429 with Retry-After $header is told, not waited out", async ({ header, retryAfter }) => {
  const headers = header === undefined ? {} : { "retry-after": header };
  const server = await serve((response) => answerJson(response, 429, { kind: "Status" }, headers));
  const transport = await connectTo(server);
  expect(await transport.send(GET)).toMatchObject({ status: 429, retryAfter });
  expect(server.seen).toHaveLength(1);
});

test.each([
  { what: "text", type: "text/plain", body: "404 page not found" },
  { what: "broken JSON", type: "application/json", body: "{" },
  { what: "nothing", type: "application/json", body: "" },
])("an answer with $what has no body", async ({ type, body }) => {
  const server = await serve((response) => response.writeHead(404, { "content-type": type }).end(body));
  const transport = await connectTo(server);
  expect(await transport.send(GET)).toEqual({
    kind: "answered",
    status: 404,
    retryAfter: undefined,
    body: undefined,
  });
});

test("an answer without end is not kept in memory", async () => {
  const server = await serve((response) => {
    const megabyte = Buffer.alloc(1_048_576, " ");
    const more = (): void => void (response.destroyed || response.write(megabyte, more));
    more();
  });
  const transport = await connectTo(server);
  expect(await transport.send(GET)).toMatchObject({
    kind: "unreachable",
    message: expect.stringContaining("larger than 8388608 bytes"),
  });
});

test("a server that is not there is unreachable", async () => {
  const server = await serve(answerOk);
  const transport = await connectTo({ ...server, url: "https://127.0.0.1:1" });
  const answer = await transport.send(GET);
  expect(answer).toMatchObject({ kind: "unreachable", message: expect.stringContaining("ECONNREFUSED") });
});

test("redirects are not followed: the token is for this server alone", async () => {
  const elsewhere = await serve(answerOk);
  const server = await serve((response) => response.writeHead(302, { location: `${elsewhere.url}/` }).end());
  const transport = await connectTo(server);
  expect(await transport.send(GET)).toMatchObject({ status: 302 });
  expect(elsewhere.seen).toEqual([]);
});

test("a plain http server on this machine, such as kubectl proxy, is spoken to", async () => {
  const server = await serve(answerOk, "http");
  const transport = await connectTo(server);
  expect(await transport.send(GET)).toMatchObject({ status: 200 });
});

const chunksOf = (stream: ApiStream): AsyncIterable<Uint8Array> =>
  stream.kind === "open" ? stream.chunks : expect.fail(JSON.stringify(stream));

test("a stream is read as it comes, beyond the time for an answer", async () => {
  let push: (text: string) => void = () => undefined;
  const server = await serve((response) => {
    response.writeHead(200).flushHeaders();
    push = (text) => void (text === "" ? response.end() : response.write(text));
  });
  const transport = await connectTo(server);
  const chunks = chunksOf(await transport.stream({ ...GET, timeout: SHORT }));
  const got: string[] = [];
  const texts = ["one", "two", "three", ""];
  setTimeout(() => push(texts.shift()!), 2 * SHORT);
  for await (const chunk of chunks) {
    got.push(Buffer.from(chunk).toString());
    push(texts.shift()!);
  }
  expect(got).toEqual(["one", "two", "three"]);
});

test("a stream that is refused is an answer", async () => {
  const server = await serve((response) => answerJson(response, 410, { reason: "Expired" }));
  const transport = await connectTo(server);
  expect(await transport.stream(GET)).toEqual({
    kind: "answered",
    status: 410,
    retryAfter: undefined,
    body: { reason: "Expired" },
  });
});

test("a stream that does not begin in time is unreachable", async () => {
  const server = await serve(() => undefined);
  const transport = await connectTo(server);
  expect(await transport.stream({ ...GET, timeout: SHORT })).toMatchObject({ kind: "unreachable" });
});

test.each([
  { end: "the connection breaks", finish: (drop: () => void) => drop() },
  { end: "the caller gives up", finish: (_: () => void, caller: AbortController) => caller.abort() },
])("reading a stream ends with an error when $end", async ({ finish }) => {
  const server = await serve((response) => void response.writeHead(200).write("one\n"));
  const transport = await connectTo(server);
  const caller = new AbortController();
  const chunks = chunksOf(await transport.stream({ ...GET, signal: caller.signal }));
  const read = async (): Promise<void> => {
    for await (const chunk of chunks) if (chunk.length > 0) finish(server.dropConnections, caller);
  };
  await expect(read()).rejects.toThrow();
});

test("a stream that breaks while nobody reads it harms nobody", async () => {
  const server = await serve((response) => void response.writeHead(200).write("one\n"));
  const transport = await connectTo(server);
  const stream = await transport.stream(GET);
  server.dropConnections();
  await new Promise((resolve) => setTimeout(resolve, SHORT));
  await expect(chunksOf(stream)[Symbol.asyncIterator]().next()).rejects.toThrow();
});

test("a reader that has seen enough leaves, and the connection with it", async () => {
  let left = false;
  const server = await serve((response) => {
    response.on("close", () => (left = true));
    response.writeHead(200).write("one\n");
  });
  const transport = await connectTo(server);
  for await (const _ of chunksOf(await transport.stream(GET))) break;
  await expect.poll(() => left).toBe(true);
});

test("closing ends what is under way", async () => {
  const server = await serve(() => void transport.close());
  const transport = await connectTo(server);
  expect(await transport.send(PUT)).toMatchObject({ kind: "unreachable" });
});

type Proxy = Readonly<{ url: string; asked: readonly IncomingMessage[] }>;

async function serveProxy(allow: boolean): Promise<Proxy> {
  const asked: IncomingMessage[] = [];
  const server = createServer().on("connect", (request: IncomingMessage, socket: Socket) => {
    asked.push(request);
    socket.on("error", () => undefined);
    if (!allow) return void socket.end("HTTP/1.1 403 Forbidden\r\n\r\n");
    const [host, port] = request.url!.split(":");
    const upstream = connect(Number(port), host, () => {
      socket.write("HTTP/1.1 200 Connection Established\r\n\r\n");
      upstream.pipe(socket).pipe(upstream);
    });
    upstream.on("error", () => socket.destroy());
    socket.on("close", () => upstream.destroy());
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

test("a proxy is asked for a tunnel, through which TLS goes to the server itself", async () => {
  const proxy = await serveProxy(true);
  const server = await serve(answerOk);
  const transport = await connectTo(server, { "proxy-url": proxy.url.replace("//", "//user:pass@") });
  for (let n = 0; n < 20; n += 1) expect(await transport.send(GET)).toMatchObject({ status: 200 });
  expect(proxy.asked.length).toBeLessThanOrEqual(2);
  expect(proxy.asked[0]).toMatchObject({
    url: `127.0.0.1:${server.port}`,
    headers: { "proxy-authorization": `Basic ${Buffer.from("user:pass").toString("base64")}` },
  });
  expect(proxy.asked[0]?.headers.authorization).toBeUndefined();
});

test("a proxy that refuses is said to", async () => {
  const proxy = await serveProxy(false);
  const server = await serve(answerOk);
  const transport = await connectTo(server, { "proxy-url": proxy.url });
  const answer = await transport.send(GET);
  expect(answer).toMatchObject({ kind: "unreachable", message: expect.stringContaining("403") });
  expect(server.seen).toEqual([]);
});
