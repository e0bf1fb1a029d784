/**
 * Whom to believe as a front proxy, and whose certificates are people's: kube-apiserver writes it down for
 * servers like ours, in kube-system/extension-apiserver-authentication, and changes it when authorities
 * rotate.
 */
import { z } from "zod";
import type { Clock } from "../../../base/clock.ts";
import type { Random } from "../../../base/random.ts";
import { seconds } from "../../../base/units.ts";
import type { FrontProxyTrust, TrustPort } from "../../../serve/aggregated/access/port.ts";
import { readOutcome } from "../failure.ts";
import { watchOne } from "../single/watch-one.ts";
import type { ApiTransport } from "../transport.ts";

export const TRUST = { namespace: "kube-system", name: "extension-apiserver-authentication" } as const;
const PATH = `/api/v1/namespaces/${TRUST.namespace}/configmaps`;
/** While it cannot be read, nobody is believed: that is worth asking often. */
const TRY_AGAIN_AFTER = seconds(5);

/** Lists are JSON inside a text. */
const names = z
  .string()
  .optional()
  .transform((text) => z.array(z.string()).catch([]).parse(parsed(text)));
const TrustData = z
  .object({
    "requestheader-client-ca-file": z.string().default(""),
    "requestheader-allowed-names": names,
    "requestheader-username-headers": names,
    "requestheader-group-headers": names,
    "requestheader-uid-headers": names,
    "requestheader-extra-headers-prefix": names,
    "client-ca-file": z.string().default(""),
  })
  .transform((data): FrontProxyTrust => ({
    requestHeaderCa: data["requestheader-client-ca-file"],
    allowedNames: data["requestheader-allowed-names"],
    usernameHeaders: data["requestheader-username-headers"],
    groupHeaders: data["requestheader-group-headers"],
    uidHeaders: data["requestheader-uid-headers"],
    extraHeaderPrefixes: data["requestheader-extra-headers-prefix"],
    clientCa: data["client-ca-file"],
  }));
const ConfigMap = z.object({ data: TrustData.prefault({}) }).transform(({ data }) => data);
const Change = z.object({ type: z.enum(["ADDED", "MODIFIED"]), object: ConfigMap });

export function createTrustPort(
  transport: ApiTransport,
  tools: Readonly<{ clock: Clock; random: Random }>,
): TrustPort {
  return {
    async followTrust({ believe, trouble }, signal) {
      while (!signal.aborted) {
        const read = readOutcome(
          await transport.send({ method: "GET", path: `${PATH}/${TRUST.name}`, signal }),
          ConfigMap,
        );
        if (signal.aborted) return;
        if (read.kind === "read") {
          believe(read.value);
          break;
        }
        trouble(`${TRUST.namespace}/${TRUST.name} cannot be read: ${read.message}`);
        await tools.clock.sleep(TRY_AGAIN_AFTER, signal);
      }
      const hear = (event: unknown): void => {
        const change = Change.safeParse(event);
        if (change.success) believe(change.data.object);
      };
      await watchOne(transport, { path: PATH, name: TRUST.name, ...tools }, hear, signal);
    },
  };
}

function parsed(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? "[]");
  } catch {
    return [];
  }
}
