/** The secure port over real TLS: what it takes, what it refuses, and how it ends. */
import { once } from "node:events";
import type { Socket } from "node:net";
import { setImmediate as turn } from "node:timers/promises";
import { gunzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { json, type Reply, sliced } from "../../../src/serve/aggregated/reply.ts";
import { createAuthority } from "../../control-plane/certificates.ts";
import { nameOf } from "../../fail-safe/row.ts";
import { ask, aServer, dial, knock, secured } from "./secured.ts";

const fine = (): Promise<Reply> => Promise.resolve(json({ fine: true }));

/** A list of about `kib` KiB. */
function* text(kib: number): Generator<string> {
  for (let at = 0; at < kib; at++) yield `${String(at % 10).repeat(1023)}\n`;
}

describe("a request", () => {
  test("arrives with its method, URL, headers as they came, and the certificate", async () => {
    const { port } = await secured((incoming) => {
      const { method, url, rawHeaders, presented } = incoming;
      const groups = rawHeaders.filter((_, at) => rawHeaders[at - 1] === "X-Remote-Group");
      return Promise.resolve(
        json({ method, path: url.pathname, query: url.search, groups, who: presented?.leaf.subject }),
      );
    });
    const client = createAuthority("clients").client({ name: "alice" });
    const asked = { method: "PUT", path: "/a/b?c=d", headers: { "X-Remote-Group": ["a,b", "c"] }, client };
    const { body } = await ask(port, asked);
    expect(JSON.parse(body.toString())).toEqual({
      method: "PUT", path: "/a/b", query: "?c=d", groups: ["a,b", "c"], who: "CN=alice",
    }); // prettier-ignore
  });

  test("without a certificate is answered, too: who may what is asked elsewhere", async () => {
    const { port } = await secured(({ presented }) =>
      Promise.resolve(json({ none: presented === undefined })),
    );
    expect((await ask(port)).body.toString()).toBe('{"none":true}\n');
  });

  test("whose URL is too long is told so, and one over all headers is cut off", async () => {
    const { port } = await secured(fine);
    expect(await ask(port, { path: `/${"x".repeat(20_000)}` })).toMatchObject({ status: 414 });
    expect(
      await ask(port, { path: `/${"x".repeat(1_048_576)}` }).catch(() => ({ status: 431 })),
    ).toMatchObject({ status: 431 });
    expect(await ask(port)).toMatchObject({ status: 200 });
  });

  test.each(["*", "https://elsewhere/x", "//elsewhere/x"])("for %s leads nowhere else", async (path) => {
    const { port } = await secured(({ url }) => Promise.resolve(json({ host: url.host })));
    const { status, body } = await ask(port, { path });
    if (status === 200) expect(JSON.parse(body.toString())).toEqual({ host: "secure" });
    else expect(status).toBe(400);
  });

  test("that meets a bug of ours costs that answer, and says nothing of it", async () => {
    const { port, logged } = await secured(() => Promise.reject(new Error("secret")));
    const { status, body } = await ask(port);
    expect(status).toBe(500);
    expect(body.toString()).not.toContain("secret");
    expect(logged).toEqual(["error an answer met a bug"]);
  });
});

describe("an answer", () => {
  test("is never kept by a cache, nor taken for something else", async () => {
    const { port } = await secured(fine);
    expect((await ask(port)).headers).toMatchObject({
      "content-type": "application/json", "cache-control": "no-cache, private", "x-content-type-options": "nosniff",
    }); // prettier-ignore
  });

  test.each([
    { kib: 100, accept: "gzip", packed: false },
    { kib: 300, accept: "gzip", packed: true },
    { kib: 300, accept: "deflate, gzip;q=1.0", packed: true },
    { kib: 300, accept: "gzip;q=0", packed: false },
    { kib: 300, accept: "identity", packed: false },
  ])("of $kib KiB to who accepts $accept is packed: $packed", async ({ kib, accept, packed }) => {
    const { port } = await secured(() => Promise.resolve(sliced(text(kib))));
    const { headers, body } = await ask(port, { headers: { "accept-encoding": accept } });
    expect(headers["content-encoding"]).toBe(packed ? "gzip" : undefined);
    expect((packed ? gunzipSync(body) : body).toString()).toBe([...text(kib)].join(""));
    if (packed) expect(body.length).toBeLessThan(kib * 100);
  });

  test("to HEAD has no body", async () => {
    const { port } = await secured(fine);
    expect(await ask(port, { method: "HEAD" })).toMatchObject({ status: 200, body: Buffer.alloc(0) });
  });

  test("to a writer ends the connection: what it still sends is not read", async () => {
    const { port } = await secured(fine);
    expect((await ask(port, { method: "POST" })).headers["connection"]).toBe("close");
  });

  test("that a client leaves half way stops being made", async () => {
    let made = 0;
    const endless = function* (): Generator<string> {
      for (;;) {
        made++;
        yield "x".repeat(1024);
      }
    };
    const { port } = await secured(() => Promise.resolve(sliced(endless())));
    const socket = await dial(port);
    socket.write("GET / HTTP/1.1\r\nhost: x\r\n\r\n");
    await once(socket, "data");
    socket.destroy();
    await expect.poll(async () => { const before = made; await turn(); await turn(); await new Promise((settle) => setTimeout(settle, 20)); return made - before; }).toBe(0);
  }); // prettier-ignore

  test("of many slices lets others be answered meanwhile", async () => {
    let slow = 0;
    const { port } = await secured(({ url }) => {
      if (url.pathname === "/quick") return Promise.resolve(json({ before: slow }));
      const slices = function* (): Generator<string> {
        for (; slow < 2000; slow++) yield "x".repeat(1024);
      };
      return Promise.resolve(sliced(slices()));
    });
    const long = ask(port, { path: "/slow" });
    await expect.poll(() => slow).toBeGreaterThan(0);
    const { before } = JSON.parse((await ask(port, { path: "/quick" })).body.toString()) as {
      before: number;
    };
    expect(before).toBeLessThan(2000);
    expect((await long).body).toHaveLength(2000 * 1024);
  });
});

describe("the certificate", () => {
  test("is changed while it serves: what is open goes on, what comes next is shown the new one", async () => {
    const { port, renew } = await secured(fine);
    const open = await dial(port);
    const next = aServer("next");
    renew(next);
    open.write("GET / HTTP/1.1\r\nhost: x\r\n\r\n");
    expect(String((await once(open, "data"))[0])).toMatch(/^HTTP\/1.1 200/);
    await expect(ask(port)).rejects.toThrow(/certificate/);
    expect(await ask(port, { ca: next.authority.certificate })).toMatchObject({ status: 200 });
  });
});

describe("strangers", () => {
  test(nameOf("S30"), async () => {
    const { port } = await secured((incoming) => (incoming.prove(), fine()));
    const sockets: Socket[] = [];
    for (let wave = 0; wave < 20; wave++) {
      // as many as the kernel lets wait
      const knocking = Array.from({ length: 100 }, () => knock(port));
      await Promise.all(knocking.map((socket) => once(socket, "connect")));
      sockets.push(...knocking);
      expect(await ask(port)).toMatchObject({ status: 200 });
    }
    const open = () => sockets.filter((socket) => !socket.closed).length;
    await expect.poll(open, { timeout: 20_000 }).toBeLessThanOrEqual(256);
  });

  test("one who was known keeps the connection through such a flood", async () => {
    const { port } = await secured((incoming) => (incoming.prove(), fine()));
    const known = await dial(port);
    known.write("GET / HTTP/1.1\r\nhost: x\r\n\r\n");
    await once(known, "data");
    for (let at = 0; at < 300; at++) knock(port);
    for (let asked = 0; asked < 5; asked++) await ask(port);
    known.write("GET / HTTP/1.1\r\nhost: x\r\n\r\n");
    expect(String((await once(known, "data"))[0])).toMatch(/^HTTP\/1.1 200/);
  });
});

describe("the end", () => {
  test("is told to clients while they are still served, then drops nothing that was begun", async () => {
    let finish: () => void = () => undefined;
    const begun = Promise.withResolvers<void>();
    const slow = new Promise<Reply>((settle) => (finish = () => settle(json({ late: true }))));
    const { port, leave, end, closed } = await secured(({ url }) => {
      if (url.pathname !== "/slow") return fine();
      begun.resolve();
      return slow;
    });
    leave();
    expect((await ask(port)).headers["connection"]).toBe("close");
    const under = ask(port, { path: "/slow" });
    await begun.promise;
    end();
    finish();
    expect((await under).body.toString()).toBe('{"late":true}\n');
    await closed;
    await expect(ask(port)).rejects.toThrow(/ECONNREFUSED/);
  });

  test("comes although a client says nothing and stays", async () => {
    const { port, end, closed } = await secured(fine);
    await dial(port);
    end();
    await closed;
  });
});
