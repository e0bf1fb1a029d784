/**
 * The product's image, made from the Dockerfile's last stage without building it: what that stage copies is taken from this
 * tree, and its user and command are read from the file, so that the two cannot differ. An instruction that is not known here is an error.
 */
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type ImageConfig, writeImage } from "./archive.ts";
import { packFolder, writeBase } from "./base.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

export type Stage = Readonly<{
  /** From the build stage: files of this tree, and the folder that they go to. */
  copies: readonly Readonly<{ files: readonly string[]; to: string }>[];
  config: ImageConfig;
}>;

/** `dist/` must have been built. */
export async function writeProductImage(ref: string, file: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "plimsoll-image-"));
  const at = (name: string): string => join(folder, name);
  try {
    writeBase(at("base"));
    const { copies, config } = lastStage(readFileSync(join(root, "Dockerfile"), "utf8"));
    for (const { files, to } of copies) {
      mkdirSync(join(at("product"), to), { recursive: true });
      for (const each of files) copyFileSync(join(root, each), join(at("product"), to, basename(each)));
    }
    const layers = ["base", "product"].map((name) => {
      packFolder(at(name), at(`${name}.tar`));
      return at(`${name}.tar`);
    });
    await writeImage({ ref, layers, config }, file);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What a container starts with, by the instruction that says it. */
const SAYINGS: Readonly<Record<string, (rest: string) => ImageConfig>> = {
  USER: (User) => ({ User }),
  ENTRYPOINT: (list) => ({ Entrypoint: JSON.parse(list) as string[] }),
  CMD: (list) => ({ Cmd: JSON.parse(list) as string[] }),
};

/** Of the Dockerfile's text. */
export function lastStage(dockerfile: string): Stage {
  const lines = dockerfile.replaceAll("\\\n", " ").split("\n");
  const from = lines.findLastIndex((line) => line.startsWith("FROM "));
  const said = lines.slice(from + 1).filter((line) => line.trim() !== "" && !line.startsWith("#"));
  const instructions = said.map((line) => /^(\w+)\s+(.*)$/.exec(line) ?? [line, line]);
  const copies = instructions.filter(([, name]) => name === "COPY").map(([, , rest = ""]) => copyOf(rest));
  const others = instructions.filter(([, name]) => name !== "COPY");
  const parts = others.map(([line, name = "", rest = ""]) => {
    const saying = SAYINGS[name];
    if (saying !== undefined) return saying(rest);
    throw new Error(`the Dockerfile's last stage says "${line}", which test/image/product.ts does not know`);
  });
  return { copies, config: Object.assign({}, ...parts) as ImageConfig };
}

/** `--from=build /plimsoll/dist/a /plimsoll/b /to/`: the build stage's folder is this tree. */
function copyOf(rest: string): Stage["copies"][number] {
  const words = rest.split(/\s+/);
  const [option, ...paths] = words;
  const to = paths.pop();
  if (option !== "--from=build" || to === undefined || !to.endsWith("/"))
    throw new Error(`the Dockerfile copies otherwise than test/image/product.ts knows: ${rest}`);
  return { files: paths.map((path) => path.replace(/^\/plimsoll\//, "")), to };
}
