/**
 * Who we are to a kubelet, and whom we take for one: what the API server's connection uses, changed by the
 * flags as metrics-server changes it.
 *
 * Invariant: without a flag that says so, serving certificates are checked; with plain HTTP nobody hears who
 * we are.
 */
import type { KubeletFlags } from "../../scrape/kubelet-flags.ts";
import { createCredentials } from "../apiserver/connection/credentials.ts";
import type { Credentials, CredentialSources, TlsSources } from "../apiserver/connection/credentials.ts";
import { fileText } from "../apiserver/connection/text-source.ts";
import type { CredentialPorts } from "../apiserver/connection/text-source.ts";

const NOTHING: CredentialSources = {
  tls: undefined,
  grants: { grant: async () => ({ kind: "obtained", value: { headers: {} } }) },
  headers: {},
};

/** @param api What the API server's connection is made from. */
export function createKubeletCredentials(
  flags: KubeletFlags,
  api: CredentialSources,
  ports: CredentialPorts,
): Credentials {
  if (flags.completelyInsecure) return createCredentials(NOTHING, ports);
  // A user that we pose as before the API server is none that a kubelet could be told of.
  return createCredentials({ tls: tlsOf(flags, api.tls, ports), grants: api.grants, headers: {} }, ports);
}

function tlsOf(flags: KubeletFlags, api: TlsSources | undefined, ports: CredentialPorts): TlsSources {
  const file = (path: string, flag: string) => fileText(path, flag, ports);
  const { certificateAuthority, clientCertificate, clientKey, insecureTls } = flags;
  const ca =
    certificateAuthority === undefined
      ? api?.ca
      : file(certificateAuthority, "--kubelet-certificate-authority");
  const certificate =
    clientCertificate === undefined || clientKey === undefined
      ? api?.certificate
      : {
          cert: file(clientCertificate, "--kubelet-client-certificate"),
          key: file(clientKey, "--kubelet-client-key"),
        };
  const insecure = insecureTls || (certificateAuthority === undefined && api?.insecure === true);
  return { ca: insecure ? undefined : ca, certificate, servername: undefined, insecure };
}
