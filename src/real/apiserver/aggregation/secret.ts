/**
 * One Secret of our own namespace, read and replaced whole.
 */
import { z } from "zod";
import type { Secret, SecretPort } from "../../../serve/certificate/port.ts";
import { readOutcome, writeOutcome } from "../failure.ts";
import { MANAGER } from "../naming.ts";
import type { ApiTransport } from "../transport.ts";

const SecretObject = z
  .object({
    kind: z.literal("Secret"),
    metadata: z.object({ resourceVersion: z.string().min(1) }),
    data: z.record(z.string(), z.string()).nullish(),
  })
  .transform(({ metadata, data }): Secret => ({
    resourceVersion: metadata.resourceVersion,
    contents: mapped(data ?? {}, (text) => Buffer.from(text, "base64").toString()),
  }));

export function createSecretPort(
  transport: ApiTransport,
  { namespace, name }: Readonly<{ namespace: string; name: string }>,
): SecretPort {
  const path = `/api/v1/namespaces/${namespace}/secrets/${name}`;
  return {
    readSecret: async () => readOutcome(await transport.send({ method: "GET", path }), SecretObject),
    /** A patch, so that labels and annotations of others stay. */
    async writeSecret(contents, resourceVersion) {
      const data = mapped(contents, (text) => Buffer.from(text).toString("base64"));
      const answer = await transport.send({
        method: "PATCH",
        path,
        query: { fieldManager: MANAGER },
        contentType: "application/merge-patch+json",
        body: { metadata: { resourceVersion }, data },
      });
      return writeOutcome(answer, "Secret");
    },
  };
}

const mapped = (
  record: Readonly<Record<string, string>>,
  change: (text: string) => string,
): Record<string, string> =>
  Object.fromEntries(Object.entries(record).map(([key, text]) => [key, change(text)]));
