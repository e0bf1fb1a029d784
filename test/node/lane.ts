/**
 * What the node lane needs from a machine. It is mandatory in CI where it can be had at all: on Linux, as root.
 */
import { accessSync, constants } from "node:fs";
import { delimiter, join, resolve } from "node:path";
import { tmpdir } from "node:os";
import { userCache } from "../control-plane/binaries.ts";
import { CONTROL_PLANE_FILES } from "../control-plane/binaries.ts";
import { findControlPlane } from "../control-plane/build.ts";
import { HIDDEN } from "./machine/mounts.ts";
import { fetchRuntime } from "./machine/runtime.ts";
import { ownAddress } from "./start.ts";

const PROGRAMS = ["unshare", "nsenter", "mount", "apt-get", "dpkg", "tar", "ldd", "go"];

export const isMandatory = (): boolean => process.platform === "linux" && process.getuid?.() === 0;

/** Builds and fetches what there is to; a sentence when the lane cannot run here. */
export async function missingForNode(): Promise<string | undefined> {
  const lacking = lackOfMachine();
  if (lacking !== undefined) return lacking;
  const found = await findControlPlane([...CONTROL_PLANE_FILES, "kubelet"]);
  if (found.kind === "missing") return found.reason;
  try {
    await fetchRuntime();
  } catch (trouble) {
    return `containerd and runc come from the distribution's packages (nothing is installed): ${String(trouble)}`;
  }
  await import("../../build.ts"); // the image holds the bundle
  return undefined;
}

function lackOfMachine(): string | undefined {
  if (!isMandatory()) return "a kubelet needs Linux and root: run it as root, in a virtual machine";
  const absent = PROGRAMS.filter((name) => !isOnPath(name));
  if (absent.length > 0) return `the node lane needs ${absent.join(", ")}`;
  if (ownAddress() === undefined)
    return "the node needs an address besides the loopback's, and this machine has none";
  const hidden = [tmpdir(), userCache(), process.execPath].map((path) => resolve(path)).find(isHidden);
  return (
    hidden &&
    `${hidden} is hidden from the node, which has ${HIDDEN.join(", ")} to itself; set TMPDIR, XDG_CACHE_HOME`
  );
}

const isHidden = (path: string): boolean =>
  HIDDEN.some((folder) => path === folder || path.startsWith(`${folder}/`));

function isOnPath(name: string): boolean {
  return (process.env["PATH"] ?? "").split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, name), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
