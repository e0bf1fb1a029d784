/**
 * Kubeconfig files for the lane: one cluster, one user, one context. Anybody can be impersonated: users by a client
 * certificate, service accounts by a token in a file of its own.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Requester, succeed } from "./api-request.ts";
import { type Identity, openAuthority, type Subject } from "./certificates.ts";

export type TokenKubeconfig = Readonly<{ kubeconfig: string; tokenFile: string; user: string }>;
type Place = Readonly<{ folder: string; server: string }>;

const TOKEN_SECONDS = 3600;

/** JSON is YAML, so that no writer is needed. */
export function kubeconfigText(
  server: string,
  authority: string,
  credential: Identity | Readonly<{ tokenFile: string }>,
): string {
  const user =
    "tokenFile" in credential
      ? credential
      : {
          "client-certificate-data": base64(credential.certificate),
          "client-key-data": base64(credential.key),
        };
  const named = <T extends object>(part: T): (T & { name: string })[] => [{ name: "lane", ...part }];
  const config = {
    apiVersion: "v1",
    kind: "Config",
    clusters: named({ cluster: { server, "certificate-authority-data": base64(authority) } }),
    users: named({ user }),
    contexts: named({ context: { cluster: "lane", user: "lane" } }),
    "current-context": "lane",
  };
  return JSON.stringify(config, undefined, 2);
}

export function writeUserKubeconfig({ folder, server }: Place, subject: Subject): string {
  const certificate = readFileSync(join(folder, "certs/clients.crt"), "utf8");
  const key = readFileSync(join(folder, "certs/clients.key"), "utf8");
  const identity = openAuthority({ name: "clients", certificate, key }).client(subject);
  return writeFresh(folder, "kubeconfig", kubeconfigText(server, certificate, identity));
}

export async function writeTokenKubeconfig(
  { folder, server, request }: Place & Readonly<{ request: Requester }>,
  account: Readonly<{ namespace: string; name: string }>,
): Promise<TokenKubeconfig> {
  const path = `/api/v1/namespaces/${account.namespace}/serviceaccounts/${account.name}/token`;
  const body = { spec: { expirationSeconds: TOKEN_SECONDS } };
  const answer = (await succeed(request, "POST", path, { body })) as { status: { token: string } };
  const tokenFile = writeFresh(folder, "token", answer.status.token);
  const authority = readFileSync(join(folder, "certs/clients.crt"), "utf8");
  const kubeconfig = writeFresh(folder, "kubeconfig", kubeconfigText(server, authority, { tokenFile }));
  return { kubeconfig, tokenFile, user: `system:serviceaccount:${account.namespace}:${account.name}` };
}

let written = 0;

/** A file that nobody else writes, for the eyes of its owner. */
function writeFresh(folder: string, ending: string, text: string): string {
  const file = join(folder, `${process.pid}-${++written}.${ending}`);
  writeFileSync(file, text, { mode: 0o600 });
  return file;
}

const base64 = (text: string): string => Buffer.from(text).toString("base64");
