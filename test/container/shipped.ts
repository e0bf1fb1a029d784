/**
 * The operator's container as deploy/plimsoll.yaml describes it, for Docker in place of a kubelet: the same user, file system,
 * capabilities, memory, environment and arguments. What a kubelet would add (service account, addresses) is given.
 */
import { readFileSync } from "node:fs";
import { GenericContainer } from "testcontainers";
import { parseAllDocuments } from "yaml";

type Container = Readonly<{
  args: readonly string[];
  env: readonly Readonly<{ name: string; value?: string }>[];
  resources: Readonly<{ limits: Readonly<{ memory: string }> }>;
  securityContext: Readonly<{
    allowPrivilegeEscalation: boolean;
    capabilities: Readonly<{ drop: readonly string[] }>;
    readOnlyRootFilesystem: boolean;
  }>;
}>;
type PodSpec = Readonly<{
  containers: readonly Container[];
  securityContext: Readonly<{ runAsUser: number; runAsGroup: number }>;
}>;

export type Surroundings = Readonly<{
  /** The last one of a name wins over the manifest's. */
  args: readonly string[];
  env: Readonly<Record<string, string>>;
  /** Folders of this machine by where the container sees them, unwritable there. */
  mounts: Readonly<Record<string, string>>;
}>;

export function shippedContainer(image: string, { args, env, mounts }: Surroundings): GenericContainer {
  const { containers, securityContext: who } = shippedPod();
  const [shipped] = containers;
  if (shipped === undefined) throw new Error("deploy/plimsoll.yaml runs no container");
  const { readOnlyRootFilesystem, allowPrivilegeEscalation, capabilities } = shipped.securityContext;
  const own = shipped.env.flatMap(({ name, value }) => (value === undefined ? [] : [[name, value] as const]));
  const container = new GenericContainer(image)
    .withNetworkMode("host")
    .withUser(`${who.runAsUser}:${who.runAsGroup}`)
    .withDroppedCapabilities(...capabilities.drop)
    .withSecurityOpt(...(allowPrivilegeEscalation ? [] : ["no-new-privileges"]))
    .withResourcesQuota({ memory: mebibytes(shipped.resources.limits.memory) / 1024 })
    .withTmpFs({ "/tmp": "rw,size=64m,mode=1777" })
    .withBindMounts(Object.entries(mounts).map(([target, source]) => ({ source, target, mode: "ro" })))
    .withEnvironment({ ...Object.fromEntries(own), ...env })
    .withCommand([...shipped.args, ...args]);
  // what its own subclasses may set, and no method does
  const { hostConfig } = container as unknown as { hostConfig: { ReadonlyRootfs?: boolean } };
  hostConfig.ReadonlyRootfs = readOnlyRootFilesystem;
  return container;
}

export function shippedPod(): PodSpec {
  type Manifest = Readonly<{ kind: string; spec: { template: { spec: PodSpec } } }>;
  const text = readFileSync(new URL("../../deploy/plimsoll.yaml", import.meta.url), "utf8");
  const deployment = parseAllDocuments(text)
    .map((document) => document.toJS() as Manifest)
    .find(({ kind }) => kind === "Deployment");
  if (deployment === undefined) throw new Error("deploy/plimsoll.yaml holds no Deployment");
  return deployment.spec.template.spec;
}

function mebibytes(quantity: string): number {
  const value = /^(\d+)Mi$/.exec(quantity)?.[1];
  if (value === undefined) throw new Error(`the memory limit ${quantity} is not in Mi`);
  return Number(value);
}
