/**
 * APIServices of one group. Those that lead to us are owned by our ClusterRole, so that they go with it:
 * one that led nowhere would keep every namespace from ending. One that was another's keeps in an
 * annotation what it said.
 */
import { z } from "zod";
import type { ReadOutcome, WriteOutcome } from "../../../base/outcome.ts";
import type { Registration, RegistrationPort, Wanted } from "../../../serve/registration/port.ts";
import { failureOf, readOutcome, writeOutcome } from "../failure.ts";
import { MANAGER, MERGE_PATCH } from "../naming.ts";
import type { ApiTransport } from "../transport.ts";

export const API_VERSION = "apiregistration.k8s.io/v1";
const ALL = `/apis/${API_VERSION}/apiservices`;
export const REPLACED = "plimsoll.dev/replaced";
/** As metrics-server's. */
const PRIORITY = { groupPriorityMinimum: 100 };
/** The higher version comes first in discovery. */
const VERSION_PRIORITY: Readonly<Record<string, number>> = { v1: 200 };
const VERSION_PRIORITY_DEFAULT = 100;

const Backed = z.object({
  service: z.object({ namespace: z.string(), name: z.string(), port: z.int().default(443) }).nullish(),
  caBundle: z.string().default(""),
  insecureSkipTLSVerify: z.boolean().default(false),
});
const ApiService = z.object({
  kind: z.literal("APIService"),
  metadata: z.object({
    resourceVersion: z.string().min(1),
    annotations: z.record(z.string(), z.string()).default({}),
  }),
  spec: Backed.extend({ version: z.string() }),
});
const Service = z.object({ kind: z.literal("Service") });
const ClusterRole = z
  .object({ kind: z.literal("ClusterRole"), metadata: z.object({ uid: z.string(), name: z.string() }) })
  .transform(({ metadata }) => metadata);

export type RegistrationOptions = Readonly<{
  group: string;
  /** Name of the ClusterRole that owns what we make. */
  owner: string;
}>;

export function createRegistrationPort(
  transport: ApiTransport,
  { group, owner }: RegistrationOptions,
): RegistrationPort {
  const writes = new Writes(transport, group);
  return {
    async hasService({ namespace, name }) {
      const path = `/api/v1/namespaces/${namespace}/services/${name}`;
      const read = readOutcome(await transport.send({ method: "GET", path }), Service);
      if (read.kind === "absent") return { kind: "read", value: false };
      return read.kind === "read"
        ? { kind: "read", value: true }
        : { ...read, message: `Service ${namespace}/${name}, which leads to us: ${read.message}` };
    },
    async readRegistration(version) {
      const answer = await transport.send({ method: "GET", path: `${ALL}/${version}.${group}` });
      const read = readOutcome(answer, ApiService);
      if (read.kind === "absent") return { kind: "read", value: undefined };
      return read.kind === "read" ? { kind: "read", value: registrationIn(read.value) } : read;
    },
    async createRegistration(version, wanted) {
      const owned = await ownerOf(transport, owner);
      return owned.kind === "read" ? writes.create(version, wanted, owned.value) : owned;
    },
    async updateRegistration(registration, wanted, remember) {
      const spec = backingOf(wanted);
      if (remember === "as-it-was") return writes.patch(registration, { spec });
      const owned = await ownerOf(transport, owner);
      if (owned.kind !== "read") return owned;
      const annotations = { [REPLACED]: JSON.stringify(specOf(registration)) };
      return writes.patch(registration, { spec, metadata: { annotations, ownerReferences: [owned.value] } });
    },
    restoreRegistration(registration) {
      const before = Backed.safeParse(parsed(registration.replaced));
      if (!before.success) return writes.remove(registration);
      const { service, caBundle, insecureSkipTLSVerify } = before.data;
      const spec = { service, insecureSkipTLSVerify, caBundle: caBundle === "" ? null : caBundle };
      const metadata = { annotations: { [REPLACED]: null }, ownerReferences: null };
      return writes.patch(registration, { spec, metadata });
    },
    deleteRegistration: (registration) => writes.remove(registration),
  };
}

class Writes {
  readonly #transport: ApiTransport;
  readonly #group: string;

  constructor(transport: ApiTransport, group: string) {
    this.#transport = transport;
    this.#group = group;
  }

  async create(version: string, wanted: Wanted, owner: object): Promise<WriteOutcome> {
    const group = this.#group;
    const versionPriority = VERSION_PRIORITY[version] ?? VERSION_PRIORITY_DEFAULT;
    const body = {
      apiVersion: API_VERSION,
      kind: "APIService",
      metadata: {
        name: `${version}.${group}`,
        labels: { "app.kubernetes.io/name": MANAGER },
        ownerReferences: [owner],
      },
      spec: { group, version, ...PRIORITY, versionPriority, ...backingOf(wanted) },
    };
    const query = { fieldManager: MANAGER };
    const answer = await this.#transport.send({ method: "POST", path: ALL, query, body });
    return writeOutcome(answer, "APIService");
  }

  async patch(
    { version, resourceVersion }: Registration,
    { spec, metadata }: Readonly<{ spec: object; metadata?: object }>,
  ): Promise<WriteOutcome> {
    const answer = await this.#transport.send({
      method: "PATCH",
      path: `${ALL}/${version}.${this.#group}`,
      query: { fieldManager: MANAGER },
      contentType: MERGE_PATCH,
      body: { metadata: { resourceVersion, ...metadata }, spec },
    });
    return writeOutcome(answer, "APIService");
  }

  async remove({ version, resourceVersion }: Registration): Promise<WriteOutcome> {
    const path = `${ALL}/${version}.${this.#group}`;
    const body = { preconditions: { resourceVersion } };
    const answer = await this.#transport.send({ method: "DELETE", path, body });
    const gone = answer.kind === "answered" && (answer.status === 404 || answer.status < 300);
    if (gone) return { kind: "written", resourceVersion };
    const isConflict = answer.kind === "answered" && answer.status === 409;
    return isConflict ? { kind: "conflict", message: "someone wrote it in the meantime" } : failureOf(answer);
  }
}

function registrationIn({ metadata, spec }: z.infer<typeof ApiService>): Registration {
  return {
    version: spec.version,
    resourceVersion: metadata.resourceVersion,
    service: spec.service ?? undefined,
    authorities: Buffer.from(spec.caBundle, "base64").toString(),
    insecure: spec.insecureSkipTLSVerify,
    replaced: metadata.annotations[REPLACED],
  };
}

/** A merge patch takes away what is null. */
const backingOf = ({ service, authorities }: Wanted): object => ({
  service,
  ...(authorities !== undefined && {
    caBundle: Buffer.from(authorities).toString("base64"),
    insecureSkipTLSVerify: false,
  }),
});

const specOf = ({ service, authorities, insecure }: Registration): object => ({
  service,
  caBundle: Buffer.from(authorities).toString("base64"),
  insecureSkipTLSVerify: insecure,
});

/** An installation that is being removed loses its ClusterRole first: nothing is made any more then. */
async function ownerOf(transport: ApiTransport, name: string): Promise<ReadOutcome<object>> {
  const path = `/apis/rbac.authorization.k8s.io/v1/clusterroles/${name}`;
  const role = readOutcome(await transport.send({ method: "GET", path }), ClusterRole);
  if (role.kind !== "read")
    return { ...role, message: `ClusterRole ${name}, which owns our APIServices: ${role.message}` };
  const apiVersion = "rbac.authorization.k8s.io/v1";
  return { kind: "read", value: { apiVersion, kind: "ClusterRole", ...role.value } };
}

function parsed(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? "");
  } catch {
    return undefined;
  }
}
