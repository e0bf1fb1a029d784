/**
 * A kubeconfig as kubectl reads it: several files merge, the first to name a thing wins, and a path is
 * relative to the file that holds it. What is wrong is said with file and field.
 *
 * Own schema and credentials instead of @kubernetes/client-node 2.0.1: its loader drops `tokenFile` and
 * `as-groups` and refuses files that share a name, its exec plugins know neither leeway nor 401, its OpenID
 * refresh fails, and importing it costs 0.45 s and 80 MiB (zod and yaml: 0.06 s and 19 MiB).
 */
import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { cleanMessage, codeOf, wordsOf } from "../message.ts";

const text = z.string().min(1);
/** kubectl writes empty fields in some versions; they say nothing. */
const optional = z
  .string()
  .nullish()
  .transform((value) => value || undefined);
const pemData = optional.pipe(
  z
    .string()
    .transform((data) => Buffer.from(data, "base64").toString())
    .refine((pem) => pem.includes("-----BEGIN"), "must be a PEM text in base64")
    .optional(),
);

const Cluster = z.object({
  server: z.url({ protocol: /^https?$/, error: "must be an http or https URL" }),
  "certificate-authority": optional,
  "certificate-authority-data": pemData,
  "insecure-skip-tls-verify": z.boolean().default(false),
  "tls-server-name": optional,
  "proxy-url": optional,
});
const Exec = z.object({
  apiVersion: z.enum(["client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1"]),
  command: text,
  args: z.array(z.string()).nullish(),
  env: z.array(z.object({ name: text, value: z.string() })).nullish(),
  installHint: optional,
  provideClusterInfo: z.boolean().default(false),
  interactiveMode: z
    .enum(["Never", "IfAvailable"], "must be Never or IfAvailable: there is no terminal to ask at")
    .optional(),
});
const User = z.object({
  "client-certificate": optional,
  "client-certificate-data": pemData,
  "client-key": optional,
  "client-key-data": pemData,
  token: optional,
  tokenFile: optional,
  username: optional,
  password: optional,
  as: optional,
  "as-uid": optional,
  "as-groups": z.array(z.string()).nullish(),
  exec: Exec.nullish(),
  "auth-provider": z
    .null("auth providers are no longer built into clients: use an exec plugin, such as kubelogin for oidc")
    .optional(),
});
/** A context without a user is nobody's: "" is in no file. */
const Context = z.object({
  cluster: text,
  user: optional.transform((name) => name ?? ""),
  namespace: optional,
});
const NOBODY = { name: "", user: User.parse({}) };

const list = <T extends z.ZodType>(item: T) =>
  z
    .array(item)
    .nullish()
    .transform((items) => items ?? []);
const Kubeconfig = z.object({
  clusters: list(z.object({ name: text, cluster: Cluster })),
  users: list(z.object({ name: text, user: User.nullish().transform((user) => user ?? User.parse({})) })),
  contexts: list(z.object({ name: text, context: Context })),
  "current-context": optional,
});

type Parsed = z.infer<typeof Kubeconfig>;
export type KubeconfigCluster = z.infer<typeof Cluster>;
export type KubeconfigUser = z.infer<typeof User>;

/** The cluster and the user of one context, paths made absolute. */
export type ChosenContext = Readonly<{
  name: string;
  namespace: string | undefined;
  clusterName: string;
  cluster: KubeconfigCluster;
  userName: string;
  user: KubeconfigUser;
}>;
export type KubeconfigOutcome =
  Readonly<{ kind: "chosen"; context: ChosenContext }> | Readonly<{ kind: "unusable"; message: string }>;

/** Reads `paths` and chooses `context`, or the current one. */
export async function readKubeconfig(
  paths: readonly string[],
  context: string | undefined,
): Promise<KubeconfigOutcome> {
  const files: Parsed[] = [];
  const missing: string[] = [];
  for (const path of paths) {
    const read = await readOne(path);
    if (read.kind === "unusable") return read;
    if (read.kind === "missing") missing.push(path);
    else files.push(read.file);
  }
  if (files.length === 0)
    return unusable(`kubeconfig ${missing.join(", ")} does not exist; name one with --kubeconfig`);
  return choose(files, context, `kubeconfig ${paths.join(", ")}`);
}

const unusable = (message: string) => ({ kind: "unusable", message: cleanMessage(message) }) as const;

type ReadOne =
  Readonly<{ kind: "file"; file: Parsed }> | Readonly<{ kind: "missing" }> | ReturnType<typeof unusable>;

async function readOne(path: string): Promise<ReadOne> {
  try {
    return parseOne(path, parse(await readFile(path, "utf8")));
  } catch (error) {
    if (codeOf(error) === "ENOENT") return { kind: "missing" };
    return unusable(`kubeconfig ${path} cannot be read: ${wordsOf(error)}`);
  }
}

function parseOne(path: string, content: unknown): ReadOne {
  const parsed = Kubeconfig.safeParse(content ?? {});
  if (parsed.success) return { kind: "file", file: withAbsolutePaths(parsed.data, dirname(path)) };
  const [issue] = parsed.error.issues;
  return unusable(`kubeconfig ${path}: ${pathOf(issue?.path ?? [])}: ${issue?.message ?? ""}`);
}

/** `users[0].user.exec.command` */
const pathOf = (path: readonly PropertyKey[]): string =>
  path
    .map((step) => (typeof step === "number" ? `[${step}]` : `.${String(step)}`))
    .join("")
    .replace(/^\./, "") || "the file";

function withAbsolutePaths(file: Parsed, folder: string): Parsed {
  const absolute = (path: string | undefined) => (path === undefined ? undefined : resolve(folder, path));
  return {
    ...file,
    clusters: file.clusters.map(({ name, cluster }) => ({
      name,
      cluster: { ...cluster, "certificate-authority": absolute(cluster["certificate-authority"]) },
    })),
    users: file.users.map(({ name, user }) => ({
      name,
      user: {
        ...user,
        "client-certificate": absolute(user["client-certificate"]),
        "client-key": absolute(user["client-key"]),
        tokenFile: absolute(user.tokenFile),
        // A bare name is looked for in PATH.
        exec: user.exec && {
          ...user.exec,
          command: user.exec.command.includes("/") ? resolve(folder, user.exec.command) : user.exec.command,
        },
      },
    })),
  };
}

/** Of several that share a name, the first counts. */
const named = <T extends { readonly name: string }>(all: readonly T[], name: string): T | undefined =>
  all.find((one) => one.name === name);

function choose(files: readonly Parsed[], wanted: string | undefined, where: string): KubeconfigOutcome {
  const contexts = files.flatMap((file) => file.contexts);
  const there = `there are: ${[...new Set(contexts.map(({ name }) => name))].join(", ") || "none"}`;
  const name = wanted ?? files.flatMap((file) => file["current-context"] ?? [])[0];
  if (name === undefined)
    return unusable(`${where} has no current-context; choose one with --context (${there})`);
  const context = named(contexts, name)?.context;
  if (context === undefined)
    return unusable(`${where} has no context "${name}"; choose another with --context (${there})`);
  const { cluster: clusterName, user: userName, namespace } = context;
  const lacks = (what: string) => unusable(`${where} has no ${what}, which its context "${name}" names`);
  const clusters = files.flatMap((file) => file.clusters);
  const cluster = named(clusters, clusterName)?.cluster;
  if (cluster === undefined) return lacks(`cluster "${clusterName}"`);
  const users = [NOBODY, ...files.flatMap((file) => file.users)];
  const user = named(users, userName)?.user;
  if (user === undefined) return lacks(`user "${userName}"`);
  return { kind: "chosen", context: { name, namespace, clusterName, cluster, userName, user } };
}
