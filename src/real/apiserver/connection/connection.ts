/**
 * How to reach and to convince the API server: from a kubeconfig, or as a pod with its service account.
 * A connection that was loaded has been able to say who it is at least once; the server was not asked.
 */
import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { isIPv6 } from "node:net";
import { cleanMessage } from "../message.ts";
import { createCredentials } from "./credentials.ts";
import type { Credentials, CredentialSources, GrantSource, RequestHeaders } from "./credentials.ts";
import { createExecGrants } from "./exec-plugin.ts";
import { readKubeconfig, type ChosenContext, type KubeconfigUser } from "./kubeconfig.ts";
import { hostOf, isLocal, proxyFor, type Environment } from "./proxy.ts";
import { fileText, fixedText, type CredentialPorts, type TextSource } from "./text-source.ts";

export type Connection = Readonly<{
  /** For messages: `context "dev" of the kubeconfig`, `the service account of this pod`. */
  source: string;
  /** With the path under which the API lives, if any (`https://rancher/k8s/clusters/c-1`). */
  server: URL;
  /** http, https or socks5. */
  proxy: string | undefined;
  /** The namespace of the context or of the pod. */
  namespace: string | undefined;
  credentials: Credentials;
  /** What the credentials are made from, for whoever presents them elsewhere (kubelets). */
  sources: CredentialSources;
}>;

export type ConnectionOutcome =
  | Readonly<{ kind: "loaded"; connection: Connection }>
  /** `message` names the file and field, and the way out. */
  | Readonly<{ kind: "unusable"; message: string }>;

export type ConnectionOptions = Readonly<{
  /**
   * `--kubeconfig`. Without it: KUBECONFIG of the environment, else the service account of the pod we are in,
   * else `~/.kube/config`, as controllers usually do.
   */
  kubeconfig?: string | undefined;
  /** `--context`; without it the kubeconfig's current one. */
  context?: string | undefined;
  /**
   * `process.env`, read by `main` alone: KUBECONFIG, KUBERNETES_SERVICE_*, the proxies, and for exec
   * plugins.
   */
  environment: Environment;
  ports: CredentialPorts;
  /** Where the service account of a pod is mounted. */
  serviceAccountFolder?: string;
}>;

const SERVICE_ACCOUNT_FOLDER = "/var/run/secrets/kubernetes.io/serviceaccount";

export async function loadConnection(options: ConnectionOptions): Promise<ConnectionOutcome> {
  const { environment } = options;
  const named = options.kubeconfig ?? (environment["KUBECONFIG"] || undefined);
  if (named !== undefined) return fromKubeconfig(named.split(delimiter).filter(Boolean), options);
  const host = environment["KUBERNETES_SERVICE_HOST"];
  if (host !== undefined && host !== "") return fromServiceAccount(host, options);
  return fromKubeconfig([join(environment["HOME"] || homedir(), ".kube", "config")], options);
}

async function fromServiceAccount(host: string, options: ConnectionOptions): Promise<ConnectionOutcome> {
  const { environment, ports } = options;
  const folder = options.serviceAccountFolder ?? SERVICE_ACCOUNT_FOLDER;
  const port = environment["KUBERNETES_SERVICE_PORT"] || "443";
  const file = (name: string): TextSource => fileText(join(folder, name), "service account", ports);
  return finish({
    source: "the service account of this pod",
    server: `https://${isIPv6(host) ? `[${host}]` : host}:${port}`,
    proxy: undefined,
    namespace: await readFile(join(folder, "namespace"), "utf8").then(
      (text) => text.trim() || undefined,
      () => undefined,
    ),
    sources: {
      tls: { ca: file("ca.crt"), certificate: undefined, servername: undefined, insecure: false },
      grants: bearer(file("token")),
      headers: {},
    },
    options,
  });
}

async function fromKubeconfig(
  paths: readonly string[],
  options: ConnectionOptions,
): Promise<ConnectionOutcome> {
  const outcome = await readKubeconfig(paths, options.context);
  if (outcome.kind === "unusable") return outcome;
  const { context } = outcome;
  const { cluster, user, clusterName, userName } = context;
  const text = (
    data: string | undefined,
    path: string | undefined,
    field: string,
  ): TextSource | undefined => {
    if (data !== undefined) return fixedText(data);
    return path === undefined ? undefined : fileText(path, field, options.ports);
  };
  const ofUser = (field: string): string => `${field} of user "${userName}"`;
  const ca = text(
    cluster["certificate-authority-data"],
    cluster["certificate-authority"],
    `certificate-authority of cluster "${clusterName}"`,
  );
  const cert = text(
    user["client-certificate-data"],
    user["client-certificate"],
    ofUser("client-certificate"),
  );
  const key = text(user["client-key-data"], user["client-key"], ofUser("client-key"));
  if ((cert === undefined) !== (key === undefined)) {
    const lacking = cert === undefined ? "client-certificate" : "client-key";
    return { kind: "unusable", message: `the kubeconfig has no ${ofUser(lacking)}, but its counterpart` };
  }
  return finish({
    source: `context "${context.name}" of the kubeconfig`,
    server: cluster.server,
    proxy: cluster["proxy-url"],
    namespace: context.namespace,
    sources: {
      tls: {
        ca,
        certificate: cert && key && { cert, key },
        servername: cluster["tls-server-name"],
        insecure: cluster["insecure-skip-tls-verify"],
      },
      grants: grantsOf(context, options),
      headers: impersonation(user),
    },
    options,
  });
}

function grantsOf({ cluster, user, userName }: ChosenContext, options: ConnectionOptions): GrantSource {
  const { exec, tokenFile, token, username, password } = user;
  if (exec)
    return createExecGrants(
      {
        ...exec,
        field: `exec plugin of user "${userName}"`,
        args: exec.args ?? [],
        environment: {
          ...options.environment,
          ...Object.fromEntries((exec.env ?? []).map(({ name, value }) => [name, value])),
        },
        cluster: exec.provideClusterInfo ? clusterInfo(cluster) : undefined,
      },
      options.ports,
    );
  if (tokenFile !== undefined)
    return bearer(fileText(tokenFile, `tokenFile of user "${userName}"`, options.ports));
  if (token !== undefined) return bearer(fixedText(token.trim()));
  if (username === undefined) return fixedGrant({});
  const basic = Buffer.from(`${username}:${password ?? ""}`).toString("base64");
  return fixedGrant({ authorization: `Basic ${basic}` });
}

function bearer(token: TextSource): GrantSource {
  return {
    async grant(anew) {
      const text = await token.read(anew);
      if (text.kind === "unobtainable") return text;
      return { kind: "obtained", value: { headers: { authorization: `Bearer ${text.value}` } } };
    },
  };
}

const fixedGrant = (headers: RequestHeaders): GrantSource => ({
  grant: async () => ({ kind: "obtained", value: { headers } }),
});

function impersonation(user: KubeconfigUser): RequestHeaders {
  const groups = user["as-groups"] ?? [];
  return {
    ...(user.as !== undefined && { "impersonate-user": user.as }),
    ...(user["as-uid"] !== undefined && { "impersonate-uid": user["as-uid"] }),
    ...(groups.length > 0 && { "impersonate-group": groups }),
  };
}

/** spec.cluster of an ExecCredential: the kubeconfig's cluster, its CA always as data. */
function clusterInfo(cluster: ChosenContext["cluster"]): Readonly<Record<string, unknown>> {
  const { server, "certificate-authority-data": ca } = cluster;
  return {
    server,
    ...(ca !== undefined && { "certificate-authority-data": Buffer.from(ca).toString("base64") }),
    ...(cluster["tls-server-name"] !== undefined && { "tls-server-name": cluster["tls-server-name"] }),
    ...(cluster["insecure-skip-tls-verify"] && { "insecure-skip-tls-verify": true }),
    ...(cluster["proxy-url"] !== undefined && { "proxy-url": cluster["proxy-url"] }),
  };
}

type Draft = Readonly<{
  source: string;
  server: string;
  proxy: string | undefined;
  namespace: string | undefined;
  sources: CredentialSources;
  options: ConnectionOptions;
}>;

/** The last checks: a proxy that can be spoken to, no secret in clear, and credentials that can be had. */
async function finish({ source, namespace, sources, options, ...draft }: Draft): Promise<ConnectionOutcome> {
  const unusable = (why: string) =>
    ({ kind: "unusable", message: cleanMessage(`${source}: ${why}`) }) as const;
  const server = URL.parse(draft.server);
  if (server === null) return unusable(`${draft.server} is not a URL`);
  const proxy = draft.proxy ?? proxyFor(server, options.environment);
  if (proxy !== undefined && !/^(https?|socks5):\/\//.test(proxy))
    return unusable(`the proxy ${proxy} cannot be used; write an http, https or socks5 URL`);
  const encrypted = server.protocol === "https:";
  const credentials = createCredentials(
    { ...sources, tls: encrypted ? sources.tls : undefined },
    options.ports,
  );
  const first = await credentials.current();
  if (first.kind === "unobtainable") return unusable(first.message);
  if (!encrypted && !isLocal(hostOf(server)) && first.value.headers["authorization"] !== undefined)
    return unusable(`the token would be sent in clear to ${server.origin}; use https`);
  return { kind: "loaded", connection: { source, server, proxy, namespace, credentials, sources } };
}
