import { mkdtemp, open, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { readText } from "../../../src/cli/manifests/files.ts";
import { FILE_BYTES_MAX, readManifests } from "../../../src/cli/manifests/read.ts";

const WEB = "apiVersion: v1\nkind: Service\nmetadata: {name: web}\n";

describe("hostile and broken files", () => {
  const nested = Array.from(
    { length: 9 },
    (_, n) => `a${n + 1}: &a${n + 1} [${Array(9).fill(`*a${n}`).join(",")}]`,
  );
  test.each([
    ["a billion laughs", `a0: &a0 [x]\n${nested.join("\n")}\n`, "alias"],
    ["an unclosed list", "spec: [1, 2", "not valid YAML"],
    ["a tab for indentation", "spec:\n\tname: x", "not valid YAML"],
    ["a broken second document", `${WEB}---\n}`, "not valid YAML"],
  ])("%s is a complaint that names the file", (_, text, words) => {
    expect(readManifests("all.yaml", text)).toEqual({
      kind: "unreadable",
      message: expect.stringMatching(new RegExp(`^all\\.yaml .*${words}`, "i")) as string,
    });
  });

  test("keys that name prototypes are keys", () => {
    const read = readManifests("x", "__proto__: {polluted: 1}\n<<: {also: 1}\n");
    expect(read.kind).toBe("objects");
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
  });

  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "plimsoll-import-"));
  });
  afterEach(() => rm(folder, { recursive: true }));

  test("a file of a gibibyte is refused after as much as may be read", async () => {
    const path = join(folder, "large.yaml");
    const file = await open(path, "w");
    await file.truncate(1024 ** 3);
    await file.close();
    const read = await readText(path, process.stdin);
    expect(read).toEqual({
      kind: "unreadable",
      message: `${path} is larger than ${FILE_BYTES_MAX / 1024 ** 2} MiB: split it by namespace`,
    });
  });

  test("a file that is not there, and a folder, are complaints", async () => {
    for (const path of [join(folder, "none.yaml"), folder])
      expect(await readText(path, process.stdin)).toMatchObject({ kind: "unreadable" });
  });

  test("a file is read as it is", async () => {
    const path = join(folder, "web.yaml");
    await writeFile(path, WEB);
    expect(await readText(path, process.stdin)).toEqual({ kind: "text", text: WEB });
  });
});
