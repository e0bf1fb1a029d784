/** What an image is assembled from, read from the Dockerfile and from ldd. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { librariesIn, NODE_PATH, NONROOT } from "./base.ts";
import { lastStage } from "./product.ts";

const dockerfile = readFileSync(new URL("../../Dockerfile", import.meta.url), "utf8");

test("the assembled image has the files, the user and the command of the Dockerfile", () => {
  const { copies, config } = lastStage(dockerfile);
  expect(copies).toEqual([
    { files: expect.arrayContaining(["dist/plimsoll.mjs", "LICENSE"]), to: "/plimsoll/" },
  ]);
  expect(config.User).toBe(`${NONROOT}:${NONROOT}`);
  expect(config.Entrypoint).toEqual([NODE_PATH, "/plimsoll/plimsoll.mjs"]);
  expect(config.Cmd).toEqual(["operator"]);
});

describe("a Dockerfile that says more than is known here is an error, not another image:", () => {
  test.each(["ENV A=b", "RUN true", "COPY a b", "COPY --from=build /plimsoll/LICENSE /file"])(
    "%s",
    (line) => {
      expect(() => lastStage(`${dockerfile}\n${line}\n`)).toThrow(line.split(" ").at(-1) ?? line);
    },
  );
});

test("libraries are the paths that ldd prints, the loader among them, and nothing of the kernel's", () => {
  const printed = [
    "\tlinux-vdso.so.1 (0x00007ffd4b1f2000)",
    "\tlibdl.so.2 => /lib/x86_64-linux-gnu/libdl.so.2 (0x00007f0a9d5f8000)",
    "\t/lib64/ld-linux-x86-64.so.2 (0x00007f0a9d610000)",
  ];
  expect(librariesIn(printed.join("\n"))).toEqual([
    "/lib/x86_64-linux-gnu/libdl.so.2",
    "/lib64/ld-linux-x86-64.so.2",
  ]);
});
