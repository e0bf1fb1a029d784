import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:tls";
import type { AddressInfo, Socket } from "node:net";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { nodeName } from "../../../src/base/ids.ts";
import { millis } from "../../../src/base/units.ts";
import { fixedText } from "../../../src/real/apiserver/connection/text-source.ts";
import type { NodeReply } from "../../../src/scrape/port.ts";
import { createAuthority } from "../../control-plane/certificates.ts";
import { freePorts } from "../../control-plane/ports.ts";
import { captured } from "../../scrape/answers.ts";
import { AUTHORITY, makeFolder, serve } from "../apiserver/loopback.ts";
import type { Reply } from "../apiserver/loopback.ts";
import { API, TOKEN, never, nodeAt, openSource } from "./kubelet.ts";
import type { Asking } from "./kubelet.ts";

const MIB = 2 ** 20;
const ANSWER = captured("1-running");
const answerAll: Reply = (response) => response.end(ANSWER);

/** One read of a kubelet that replies so. */
async function ask(reply: Reply, asking: Asking = {}, scheme: "http" | "https" = "https") {
  const kubelet = await serve(reply, scheme);
  const source = openSource(asking);
  return { kubelet, source, reply: await source.read(nodeAt(kubelet.port), never) };
}

const failure = (reply: NodeReply): string =>
  reply.kind === "failed" ? `${reply.cause}: ${reply.message}` : reply.kind;

describe("a request", () => {
  test("asks for the text with our token, and for no compression", async () => {
    const { kubelet, reply } = await ask(answerAll);
    expect(reply).toEqual({ kind: "answered", body: ANSWER });
    const [{ method, url, headers } = expect.fail("no request")] = kubelet.seen;
    expect([method, url]).toEqual(["GET", "/metrics/resource"]);
    expect(headers).toMatchObject({ authorization: `Bearer ${TOKEN}`, "user-agent": "plimsoll/1.2.3" });
    expect(headers).not.toHaveProperty("accept-encoding");
    expect(headers).not.toHaveProperty("impersonate-user");
  });

  test("goes to the path that the node names", async () => {
    const kubelet = await serve(answerAll);
    await openSource().read(
      nodeAt(kubelet.port, { metricsPath: "/metrics/nodes/a/metrics/resource" }),
      never,
    );
    expect(kubelet.seen[0]?.url).toBe("/metrics/nodes/a/metrics/resource");
  });

  test("keeps its connection, one a node, for the next", async () => {
    const kubelet = await serve(answerAll);
    const source = openSource();
    for (let n = 0; n < 5; n++) await source.read(nodeAt(kubelet.port), never);
    expect([kubelet.seen.length, kubelet.connectionCount()]).toEqual([5, 1]);
    source.forget(nodeName("node-1"));
    await source.read(nodeAt(kubelet.port), never);
    expect(kubelet.connectionCount()).toBe(2);
  });

  test("follows a node to its new address", async () => {
    const [old, next] = [await serve(answerAll), await serve(answerAll)];
    const source = openSource();
    await source.read(nodeAt(old.port), never);
    expect(await source.read(nodeAt(next.port), never)).toMatchObject({ kind: "answered" });
    expect(next.seen).toHaveLength(1);
  });

  test("is sent again when the kept connection was being closed", async () => {
    const kubelet = await serve((response, _, nth) => void (nth === 2 ? response.socket?.destroy() : response.end(ANSWER)));
    const source = openSource();
    await source.read(nodeAt(kubelet.port), never);
    expect(await source.read(nodeAt(kubelet.port), never)).toMatchObject({ kind: "answered" });
    expect(kubelet.seen).toHaveLength(3);
  }); // prettier-ignore

  test("takes an answer that comes in pieces", async () => {
    const { reply } = await ask((response) => {
      response.write(ANSWER.subarray(0, 5000));
      setImmediate(() => response.end(ANSWER.subarray(5000)));
    });
    expect(reply).toEqual({ kind: "answered", body: ANSWER });
  });

  test("shows the client certificate of the flags", async () => {
    const folder = makeFolder();
    const { certificate, key } = createAuthority("ours").client({ name: "plimsoll" });
    const paths = { clientCertificate: join(folder, "tls.crt"), clientKey: join(folder, "tls.key") };
    writeFileSync(paths.clientCertificate, certificate);
    writeFileSync(paths.clientKey, key);
    const { kubelet } = await ask(answerAll, { flags: paths });
    expect(kubelet.seen[0]?.client).toBe("plimsoll");
    expect(readFileSync(paths.clientKey, "utf8")).toBe(key);
  });

  test("takes the token that is new when the old one is refused", async () => {
    let issued = 0;
    const grants = {
      grant: async (anew: boolean) => {
        if (anew || issued === 0) issued++;
        return { kind: "obtained" as const, value: { headers: { authorization: `Bearer token-${issued}` } } };
      },
    };
    const { kubelet, reply } = await ask((response, { headers }) => {
      response.statusCode = headers.authorization === "Bearer token-2" ? 200 : 401;
      response.end(ANSWER);
    }, { api: { grants } });
    expect(reply).toMatchObject({ kind: "answered" });
    expect(kubelet.seen).toHaveLength(2);
  }); // prettier-ignore
});

describe("S06 before a certificate is trusted, nothing is sent", () => {
  const other = createAuthority("someone else");
  const trusting = (certificate: string): Asking => ({
    api: { tls: { ...API.tls!, ca: fixedText(certificate) } },
  });
  const self = selfSigned();

  test.each([
    { when: "self-signed", identity: self, asking: {}, says: /^certificate: the certificate of https:\/\/127\.0\.0\.1:\d+\/metrics\/resource is (self-signed|signed by an unknown CA): have the cluster sign it .*serverTLSBootstrap.*--kubelet-certificate-authority$/ },
    { when: "of an unknown authority", identity: other.server({ name: "kubelet" }, ["127.0.0.1"]), asking: {}, says: /^certificate: .* is signed by an unknown CA: .*--kubelet-certificate-authority$/ },
    { when: "of an authority with the right name", identity: createAuthority("loopback").server({ name: "kubelet" }, ["127.0.0.1"]), asking: {}, says: /^certificate: .*--kubelet-certificate-authority$/ },
    { when: "for another host", identity: AUTHORITY.server({ name: "kubelet" }, ["kubelet.example.com"]), asking: {}, says: /^certificate: .* is not for this address: .*--kubelet-preferred-address-types$/ },
    { when: "of the cluster's authority while the flag names another", identity: AUTHORITY.server({ name: "kubelet" }, ["127.0.0.1"]), asking: trusting(other.sealed.certificate), says: /^certificate: / },
  ])("$when", async ({ identity, asking, says }) => {
    const received: Buffer[] = [];
    const port = await listenTls(identity, (socket) => socket.on("data", (bytes: Buffer) => received.push(bytes)));
    const reply = await openSource(asking).read(nodeAt(port), never);
    expect(failure(reply)).toMatch(says);
    expect(Buffer.concat(received).toString()).toBe("");
  }); // prettier-ignore

  test("unless a flag says that certificates are not checked: then the request is sent", async () => {
    const kubelet = await serve(answerAll);
    kubelet.present(other);
    const source = openSource({ flags: { insecureTls: true } });
    expect(await source.read(nodeAt(kubelet.port), never)).toMatchObject({ kind: "answered" });
  });

  test("and the authority that a flag names is trusted in place of the cluster's", async () => {
    const file = join(makeFolder(), "ca.crt");
    writeFileSync(file, other.sealed.certificate);
    const kubelet = await serve(answerAll);
    kubelet.present(other);
    const source = openSource({ flags: { certificateAuthority: file } });
    expect(await source.read(nodeAt(kubelet.port), never)).toMatchObject({ kind: "answered" });
  });

  test("a certificate that cannot be read is said, with its flag", async () => {
    const reply = await openSource({ flags: { certificateAuthority: "/nowhere/ca.crt" } }).read(nodeAt(1), never);
    expect(failure(reply)).toMatch(/^unauthorized: .*--kubelet-certificate-authority: \/nowhere\/ca\.crt cannot be read/);
  }); // prettier-ignore
});

test("over plain HTTP nobody hears who we are", async () => {
  const { kubelet, reply } = await ask(answerAll, { flags: { completelyInsecure: true } }, "http");
  expect(reply).toMatchObject({ kind: "answered" });
  expect(kubelet.seen[0]?.headers).not.toHaveProperty("authorization");
});

describe("an answer other than 200", () => {
  test.each([
    { status: 401, says: /^unauthorized: .* answered 401: it does not know who we are: .*webhook/ },
    { status: 403, says: /^forbidden: .* answered 403: .*`get` on `nodes\/metrics`$/ },
    { status: 404, says: /^status: .* answered 404: .*metrics\.k8s\.io\/resource-metrics-path/ },
    { status: 500, says: /^status: .* answered 500$/ },
    { status: 503, says: /^status: .* answered 503$/ },
    { status: 204, says: /^status: .* answered 204$/ },
    { status: 206, says: /^status: .* answered 206$/ },
  ])("$status fails the node, and its body is told to nobody", async ({ status, says }) => {
    const { reply } = await ask((response) => {
      response.statusCode = status;
      response.end(status === 204 ? undefined : "a secret of the body");
    });
    expect(failure(reply)).toMatch(says);
    expect(failure(reply)).not.toMatch(/secret/);
  });

  test.each([301, 302, 307, 308])("%i is not followed, so our token goes nowhere else", async (status) => {
    const elsewhere = await serve(answerAll);
    const { reply } = await ask((response) => {
      response.writeHead(status, { location: `${elsewhere.url}/metrics/resource` });
      response.end();
    });
    expect(failure(reply)).toMatch(/^status: .*redirects are not followed$/);
    expect(elsewhere.connectionCount()).toBe(0);
  });

  test("leaves the connection usable", async () => {
    const kubelet = await serve((response, _, nth) => {
      response.statusCode = nth === 1 ? 500 : 200;
      response.end(ANSWER);
    });
    const source = openSource();
    await source.read(nodeAt(kubelet.port), never);
    expect(await source.read(nodeAt(kubelet.port), never)).toMatchObject({ kind: "answered" });
    expect(kubelet.connectionCount()).toBe(1);
  });
});

describe("limits", () => {
  const impatient: Asking = { flags: { requestTimeout: millis(150) } };

  test.each<[string, Reply]>([
    ["nothing comes", () => undefined],
    ["the head comes and no body", (response) => response.writeHead(200).flushHeaders()],
    ["a byte comes now and then", (response) => {
      const drip = setInterval(() => response.write("x"), 20);
      response.on("close", () => clearInterval(drip));
    }],
  ])("the time is over when %s", async (_, reply) => {
    const { reply: given } = await ask(reply, impatient);
    expect(failure(given)).toMatch(/^timeout: no whole answer from https:.* within 0\.15 s: /);
  }); // prettier-ignore

  test.each<[string, Reply]>([
    ["says so", (response) => {
      response.writeHead(200, { "content-length": 17 * MIB });
      pour(response);
    }],
    ["never ends", pour],
  ])("an answer over 16 MiB is not taken in when it %s", async (_, reply) => {
    const { reply: given } = await ask(reply);
    expect(failure(given)).toMatch(/^too-large: the answer of https:.* is larger than 16 MiB and was not read$/);
  }); // prettier-ignore

  test("headers over 64 KiB are not taken in", async () => {
    const { reply } = await ask((response) => {
      for (let n = 0; n < 10; n++) response.setHeader(`x-${n}`, "x".repeat(10_000));
      response.end(ANSWER);
    });
    expect(failure(reply)).toMatch(/^connection: /);
  });

  test("a read that is given up lets go of the connection", async () => {
    const giveUp = new AbortController();
    const kubelet = await serve(() => giveUp.abort());
    expect(await openSource().read(nodeAt(kubelet.port), giveUp.signal)).toMatchObject({ kind: "failed" });
  });
});

describe("what cannot be reached is said with the way out", () => {
  test("nothing listens", async () => {
    const [port = 0] = await freePorts(1);
    expect(failure(await openSource().read(nodeAt(port), never))).toMatch(/^connection: no connection to .*ECONNREFUSED.*; nothing listens there: check --kubelet-port/);
  }); // prettier-ignore

  test("the port does not speak TLS", async () => {
    const { port } = await serve(answerAll, "http");
    expect(failure(await openSource().read(nodeAt(port), never))).toMatch(/^connection: .*does not speak TLS: check --kubelet-port/);
  }); // prettier-ignore

  test("the name does not resolve", async () => {
    const node = nodeAt(10_250, { addresses: [{ type: "Hostname", address: "no-such-host.invalid" }] });
    expect(failure(await openSource().read(node, never))).toMatch(/^connection: .*put InternalIP first in --kubelet-preferred-address-types/);
  }); // prettier-ignore

  test("the node has no address", async () => {
    expect(failure(await openSource().read(nodeAt(1, { addresses: [] }), never))).toMatch(/^no-address: /);
  });

  test("the connection breaks in the middle of the answer", async () => {
    const { reply } = await ask((response) => {
      response.writeHead(200, { "content-length": ANSWER.length });
      response.write(ANSWER.subarray(0, 100), () => response.socket?.destroy());
    });
    expect(failure(reply)).toMatch(/^connection: no connection to /);
  });

  test("there are no credentials", async () => {
    const grants = {
      grant: async () => ({ kind: "unobtainable" as const, message: "token file cannot be read" }),
    };
    const kubelet = await serve(answerAll);
    const reply = await openSource({ api: { grants } }).read(nodeAt(kubelet.port), never);
    expect(failure(reply)).toMatch(/^unauthorized: .* was not asked: token file cannot be read$/);
    expect(kubelet.connectionCount()).toBe(0);
  });
});

function selfSigned() {
  const { certificate, key } = createAuthority("kubelet").sealed;
  return { certificate, key };
}

async function listenTls(identity: Readonly<{ certificate: string; key: string }>, connected: (socket: Socket) => void) {
  const server = createServer({ cert: identity.certificate, key: identity.key }, connected);
  server.on("tlsClientError", () => undefined);
  server.on("secureConnection", (socket) => socket.on("error", () => undefined));
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
} // prettier-ignore

/** Writes a mebibyte at a time for as long as it is taken. */
function pour(response: Parameters<Reply>[0]): void {
  const chunk = Buffer.alloc(MIB, "x");
  const write = (): void => {
    if (!response.destroyed) response.write(chunk, () => setImmediate(write));
  };
  write();
}
