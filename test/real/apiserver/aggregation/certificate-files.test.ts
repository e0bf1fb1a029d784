import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { epochMillis, monoMillis } from "../../../../src/base/units.ts";
import { createFileMaterial } from "../../../../src/real/apiserver/aggregation/certificate-files.ts";
import type { Material } from "../../../../src/serve/certificate/port.ts";
import { createAuthority } from "../../../control-plane/certificates.ts";

const authority = createAuthority("authority");
const aServer = () => authority.server({ name: "plimsoll" }, ["localhost"]);

/** What was used and what was complained about, while steps change the files between looks. */
async function follow(steps: readonly ((write: (name: string, text: string) => void) => void)[]) {
  const folder = mkdtempSync(join(tmpdir(), "plimsoll-files-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = (name: string): string => join(folder, name);
  const write = (name: string, text: string): void => writeFileSync(path(name), text);
  const [first, ...others] = steps;
  first?.(write);
  const stop = new AbortController();
  const clock = {
    wall: () => epochMillis(0),
    mono: () => monoMillis(0),
    sleep: () => {
      const step = others.shift();
      if (step === undefined) stop.abort();
      else step(write);
      return Promise.resolve();
    },
  };
  const files = { certificate: path("tls.crt"), key: path("tls.key"), authorities: path("ca.crt") };
  const [used, troubles]: [Material[], string[]] = [[], []];
  const listener = { use: (one: Material) => used.push(one), trouble: (why: string) => troubles.push(why) };
  await createFileMaterial(files, clock).followMaterial(listener, stop.signal);
  return { used, troubles: troubles.map((why) => why.replaceAll(`${folder}/`, "")) };
}

const good = (pair = aServer()) => (write: (name: string, text: string) => void): void => {
  write("tls.crt", pair.certificate);
  write("tls.key", pair.key);
  write("ca.crt", authority.sealed.certificate);
}; // prettier-ignore

test("a pair is used, and again only when it changes", async () => {
  const [one, two] = [aServer(), aServer()];
  const { used, troubles } = await follow([good(one), good(one), good(two), good(two)]);
  expect(used.map(({ certificate }) => certificate)).toEqual([one.certificate, two.certificate]);
  expect(used[0]).toEqual({ certificate: one.certificate, key: one.key, authorities: authority.sealed.certificate });
  expect(troubles).toEqual([]);
}); // prettier-ignore

test.each<{ what: string; spoil: (write: (name: string, text: string) => void) => void; says: RegExp }>([
  { what: "no certificate", spoil: (write) => write("tls.crt", "garbage"), says: /^tls.crt and tls.key are no certificate and its key/ },
  { what: "no key", spoil: (write) => write("tls.key", "garbage"), says: /^tls.crt and tls.key are no certificate and its key/ },
  { what: "the key of another", spoil: (write) => write("tls.key", aServer().key), says: /^the key in tls.key is not that of the certificate in tls.crt/ },
  { what: "half a replacement", spoil: (write) => write("tls.crt", aServer().certificate), says: /^the key in tls.key is not that/ },
])("$what is said, and what was used stays", async ({ spoil, says }) => {
  const pair = aServer();
  const { used, troubles } = await follow([good(pair), spoil, good(pair)]);
  expect(used).toHaveLength(1);
  expect(troubles).toEqual([expect.stringMatching(says)]);
}); // prettier-ignore

test("files that are not there yet are waited for", async () => {
  const { used, troubles } = await follow([() => undefined, good()]);
  expect(troubles).toEqual([expect.stringMatching(/^tls.crt cannot be read: ENOENT/)]);
  expect(used).toHaveLength(1);
});
