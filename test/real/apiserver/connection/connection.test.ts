import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { AUTHORITY, load, makeFolder, tryLoad, TRUSTED, writeKubeconfig } from "../loopback.ts";

const SERVER = { server: "https://10.96.0.1:6443", ...TRUSTED };

const headersOf = async (kubeconfig: string) => {
  const obtained = await (await load({ kubeconfig })).credentials.current();
  return obtained.kind === "obtained" ? obtained.value.headers : expect.fail(obtained.message);
};

test.each([
  { what: "a token", user: { token: "t\n" }, headers: { authorization: "Bearer t" } },
  { what: "a password", user: { username: "u", password: "p" }, headers: { authorization: "Basic dTpw" } },
  { what: "nothing", user: {}, headers: {} },
  {
    what: "impersonation",
    user: { token: "t", as: "jane", "as-uid": "7", "as-groups": ["a", "b"] },
    headers: {
      authorization: "Bearer t",
      "impersonate-user": "jane",
      "impersonate-uid": "7",
      "impersonate-group": ["a", "b"],
    },
  },
])("a user with $what is sent as headers", async ({ user, headers }) => {
  expect(await headersOf(writeKubeconfig(makeFolder(), SERVER, user))).toEqual(headers);
});

test("paths in a kubeconfig start at its folder", async () => {
  const folder = makeFolder();
  mkdirSync(join(folder, "secrets"));
  writeFileSync(join(folder, "secrets/token"), "from-file\n");
  writeFileSync(join(folder, "ca.crt"), AUTHORITY.sealed.certificate);
  const cluster = { server: SERVER.server, "certificate-authority": "ca.crt" };
  const kubeconfig = writeKubeconfig(folder, cluster, { tokenFile: "secrets/token" });
  expect(await headersOf(kubeconfig)).toEqual({ authorization: "Bearer from-file" });
});

test("a context gives server, namespace and proxy", async () => {
  const kubeconfig = writeKubeconfig(makeFolder(), { ...SERVER, "proxy-url": "socks5://p:1080" }, {});
  const connection = await load({ kubeconfig });
  expect(connection).toMatchObject({
    source: 'context "here" of the kubeconfig',
    proxy: "socks5://p:1080",
    namespace: "shop",
  });
  expect(connection.server.href).toBe("https://10.96.0.1:6443/");
});

test("of several kubeconfigs the first to name a thing wins", async () => {
  const [first, second] = [makeFolder(), makeFolder()];
  const mine = writeKubeconfig(first, SERVER, { token: "first" });
  const other = writeKubeconfig(second, { ...SERVER, server: "https://other" }, { token: "second" });
  const environment = { KUBECONFIG: `${join(first, "missing")}:${mine}:${other}` };
  const connection = await load({ environment });
  expect(connection.server.host).toBe("10.96.0.1:6443");
  expect(await connection.credentials.current()).toMatchObject({
    value: { headers: { authorization: "Bearer first" } },
  });
});

function serviceAccount(): string {
  const folder = makeFolder();
  writeFileSync(join(folder, "token"), "of-the-pod");
  writeFileSync(join(folder, "ca.crt"), AUTHORITY.sealed.certificate);
  writeFileSync(join(folder, "namespace"), "plimsoll-system\n");
  return folder;
}
const IN_POD = { KUBERNETES_SERVICE_HOST: "10.96.0.1", KUBERNETES_SERVICE_PORT: "443" };

test("a pod speaks with its service account", async () => {
  const connection = await load({ environment: IN_POD, serviceAccountFolder: serviceAccount() });
  expect(connection.namespace).toBe("plimsoll-system");
  expect(connection.server.href).toBe("https://10.96.0.1/");
  expect(await connection.credentials.current()).toMatchObject({
    value: { headers: { authorization: "Bearer of-the-pod" } },
  });
});

test("a pod in an IPv6 cluster finds its server", async () => {
  const environment = { KUBERNETES_SERVICE_HOST: "fd00::1", KUBERNETES_SERVICE_PORT: "6443" };
  const connection = await load({ environment, serviceAccountFolder: serviceAccount() });
  expect(connection.server.host).toBe("[fd00::1]:6443");
});

test("a kubeconfig that is named goes before the service account, which goes before the one at home", async () => {
  const home = makeFolder();
  mkdirSync(join(home, ".kube"));
  const written = writeKubeconfig(home, { ...SERVER, server: "https://at-home" }, {});
  renameSync(written, join(home, ".kube/config"));
  const named = writeKubeconfig(makeFolder(), { ...SERVER, server: "https://named" }, {});
  const options = { environment: { ...IN_POD, HOME: home }, serviceAccountFolder: serviceAccount() };
  expect((await load({ ...options, kubeconfig: named })).server.host).toBe("named");
  expect((await load(options)).server.host).toBe("10.96.0.1");
  expect((await load({ environment: { HOME: home } })).server.host).toBe("at-home");
});

test("the environment's proxy is used, and the cluster's own goes before it", async () => {
  const environment = { HTTPS_PROXY: "http://everyone:3128" };
  const folder = makeFolder();
  const plain = await load({ environment, kubeconfig: writeKubeconfig(folder, SERVER, {}) });
  expect(plain.proxy).toBe("http://everyone:3128");
  const own = writeKubeconfig(folder, { ...SERVER, "proxy-url": "http://own:1" }, {});
  expect((await load({ environment, kubeconfig: own })).proxy).toBe("http://own:1");
});

const exec = { apiVersion: "client.authentication.k8s.io/v1", command: "x" };
test.each([
  { cluster: {}, user: {}, says: /clusters\[0\]\.cluster\.server: must be an http or https URL$/ },
  { cluster: { server: "ftp://x" }, user: {}, says: /server: must be an http or https URL$/ },
  { cluster: { ...SERVER, "certificate-authority-data": "AAAA" }, user: {}, says: /certificate-authority-data: must be a PEM text in base64$/ },
  { cluster: { server: "https://x", "certificate-authority": "nope.crt" }, user: {}, says: /certificate-authority of cluster "loop": \/.*nope.crt cannot be read: ENOENT/ },
  { cluster: { ...SERVER, "proxy-url": "gopher://x" }, user: {}, says: /the proxy gopher:\/\/x cannot be used; write an http, https or socks5 URL$/ },
  { cluster: SERVER, user: { tokenFile: "nope" }, says: /tokenFile of user "me": \/.*nope cannot be read: ENOENT/ },
  { cluster: SERVER, user: { "client-certificate-data": TRUSTED["certificate-authority-data"] }, says: /has no client-key of user "me"/ },
  { cluster: SERVER, user: { "client-certificate-data": TRUSTED["certificate-authority-data"], "client-key-data": TRUSTED["certificate-authority-data"] }, says: /the certificates do not fit together: / },
  { cluster: SERVER, user: { exec: { ...exec, command: "" } }, says: /users\[0\]\.user\.exec\.command: / },
  { cluster: SERVER, user: { exec: { ...exec, apiVersion: "v1" } }, says: /users\[0\]\.user\.exec\.apiVersion: / },
  { cluster: SERVER, user: { exec: { ...exec, interactiveMode: "Always" } }, says: /interactiveMode: must be Never or IfAvailable: there is no terminal/ },
  { cluster: SERVER, user: { "auth-provider": { name: "gcp", config: {} } }, says: /users\[0\]\.user\.auth-provider: auth providers are no longer built into clients: use an exec plugin/ },
  { cluster: { server: "http://10.0.0.1" }, user: { token: "t" }, says: /the token would be sent in clear to http:\/\/10.0.0.1; use https$/ },
])("what is wrong is said: $says", async ({ cluster, user, says }) => {
  const outcome = await tryLoad({ kubeconfig: writeKubeconfig(makeFolder(), cluster, user) });
  expect(outcome).toEqual({ kind: "unusable", message: expect.stringMatching(says) });
}); // prettier-ignore

test.each([
  { text: "a: [", says: /kubeconfig .* cannot be read: / },
  { text: "", says: /has no current-context; choose one with --context \(there are: none\)$/ },
  { text: "current-context: dev", says: /has no context "dev"; choose another with --context \(there are: none\)$/ },
  { text: "contexts: [{name: dev, context: {cluster: c}}]", says: /has no current-context; choose one with --context \(there are: dev\)$/ },
  { text: "current-context: dev\ncontexts: [{name: dev, context: {cluster: c, user: u}}]", says: /has no cluster "c", which its context "dev" names$/ },
  { text: "current-context: dev\ncontexts: [{name: dev, context: {cluster: c, user: u}}]\nclusters: [{name: c, cluster: {server: https://x}}]", says: /has no user "u", which its context "dev" names$/ },
  { text: "clusters: 7", says: /clusters: / },
])("a kubeconfig is not usable when it $says", async ({ text, says }) => {
  const kubeconfig = join(makeFolder(), "kubeconfig");
  writeFileSync(kubeconfig, text);
  const outcome = await tryLoad({ kubeconfig });
  expect(outcome).toEqual({ kind: "unusable", message: expect.stringMatching(says) });
}); // prettier-ignore

test("a context that is asked for by name must be there", async () => {
  const kubeconfig = writeKubeconfig(makeFolder(), SERVER, {});
  expect(await tryLoad({ kubeconfig, context: "prod" })).toEqual({
    kind: "unusable",
    message: `kubeconfig ${kubeconfig} has no context "prod"; choose another with --context (there are: here)`,
  });
});

test("a kubeconfig that is not there is said with the way out", async () => {
  expect(await tryLoad({ kubeconfig: "/nowhere/kubeconfig" })).toEqual({
    kind: "unusable",
    message: "kubeconfig /nowhere/kubeconfig does not exist; name one with --kubeconfig",
  });
});

test("a pod without a token says which file it misses", async () => {
  const outcome = await tryLoad({ environment: IN_POD, serviceAccountFolder: makeFolder() });
  expect(outcome).toMatchObject({
    kind: "unusable",
    message: expect.stringMatching(
      /^the service account of this pod: service account: .*token cannot be read/,
    ),
  });
});
