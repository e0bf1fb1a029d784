/**
 * A root filesystem with Node and nothing else, in place of the Dockerfile's distroless base where no image registry can be
 * reached: the pinned Node where that base has it, the libraries that it names, and the user `nonroot`.
 */
import { execFileSync } from "node:child_process";
import { chmodSync, copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** Where the distroless image has it, and the Dockerfile's ENTRYPOINT expects it. */
export const NODE_PATH = "/nodejs/bin/node";
export const NONROOT = 65_532;

const PASSWD = [
  "root:x:0:0:root:/root:/sbin/nologin",
  `nonroot:x:${NONROOT}:${NONROOT}:nonroot:/home/nonroot:/sbin/nologin`,
];
const GROUP = ["root:x:0:", `nonroot:x:${NONROOT}:`];

/** Writes it into a folder, which is made if need be. `node`: the binary to put there; the one that runs us without. */
export function writeBase(folder: string, node = process.execPath): void {
  for (const empty of ["tmp", "root", "home/nonroot"]) mkdirSync(join(folder, empty), { recursive: true });
  chmodSync(join(folder, "tmp"), 0o1777);
  place(folder, node, NODE_PATH);
  for (const library of librariesOf(node)) place(folder, library, library);
  mkdirSync(join(folder, "etc"), { recursive: true });
  writeFileSync(join(folder, "etc/passwd"), `${PASSWD.join("\n")}\n`);
  writeFileSync(join(folder, "etc/group"), `${GROUP.join("\n")}\n`);
}

/**
 * A folder as a tar file, the same bytes for the same files: names in order, no owner but root, no time.
 */
export function packFolder(folder: string, file: string): void {
  const owner = ["--owner=0", "--group=0", "--numeric-owner"];
  execFileSync("tar", ["-C", folder, "--sort=name", "--mtime=@0", ...owner, "-cf", file, "."]);
}

/**
 * The shared libraries of a program, the loader included, by the paths at which it looks for them.
 *
 *   libdl.so.2 => /lib/x86_64-linux-gnu/libdl.so.2 (0x…)     /lib/x86_64-linux-gnu/libdl.so.2
 *   /lib64/ld-linux-x86-64.so.2 (0x…)                        /lib64/ld-linux-x86-64.so.2
 *   linux-vdso.so.1 (0x…)                                    the kernel's own: none
 */
export function librariesIn(ldd: string): string[] {
  return [...ldd.matchAll(/(?:^|\s)(\/\S+) \(0x/gm)].map(([, path = ""]) => path);
}

function librariesOf(program: string): string[] {
  const found = librariesIn(execFileSync("ldd", [program], { encoding: "utf8" }));
  if (found.length === 0) throw new Error(`ldd names no library of ${program}`);
  return found;
}

/** A copy of what a link leads to. */
function place(folder: string, from: string, to: string): void {
  const target = join(folder, to);
  mkdirSync(dirname(target), { recursive: true });
  copyFileSync(from, target);
  chmodSync(target, 0o755);
}
