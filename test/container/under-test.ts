/**
 * What the setup built, for the tests of the `container` project, and `docker` to ask about it.
 */
import { inject } from "vitest";
import { buildForeignImage } from "./build-image.ts";
import { docker } from "./engine.ts";

export function imageUnderTest() {
  const given = inject("container");
  if ("missing" in given) throw new Error(given.missing);
  const { environment, ...built } = given;
  // testcontainers reads them when it first looks for an engine
  Object.assign(process.env, environment);
  return {
    image: built.image,
    base: built.bases.base,
    /** The same Dockerfile for the other architecture. */
    buildForeign: () => buildForeignImage(environment, built),
    docker: (...args: string[]): Promise<string> => docker(environment, ...args),
    /** `docker inspect` of one image or container. */
    inspect: async (name: string): Promise<Inspected> =>
      (JSON.parse(await docker(environment, "inspect", name)) as [Inspected])[0],
  };
}

/** Of an image the first four, of a container the others. */
export type Inspected = Readonly<{
  Size: number;
  Architecture: string;
  RootFS: Readonly<{ Layers: readonly string[] }>;
  Config: Readonly<{
    User: string;
    Env: readonly string[] | null;
    Entrypoint: readonly string[];
    Cmd: readonly string[];
  }>;
  HostConfig: Readonly<{
    ReadonlyRootfs: boolean;
    Privileged: boolean;
    CapAdd: readonly string[] | null;
    CapDrop: readonly string[];
    Memory: number;
  }>;
  State: Readonly<{ Running: boolean; ExitCode: number; OOMKilled: boolean }>;
}>;
