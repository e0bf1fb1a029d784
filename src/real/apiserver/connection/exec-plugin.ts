/**
 * A credential from a program of the user (client.authentication.k8s.io): asked for before it expires, and
 * again when it is refused; one run at a time, and a failing program is left in peace for a moment.
 */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { z } from "zod";
import { elapsed, epochMillis, minutes, seconds } from "../../../base/units.ts";
import type { EpochMillis, MonoMillis } from "../../../base/units.ts";
import { cleanMessage, codeOf, wordsOf } from "../message.ts";
import type { Grant, GrantSource } from "./credentials.ts";
import type { CredentialPorts, Obtained } from "./text-source.ts";

export type ExecPlugin = Readonly<{
  /** What messages call it: `exec plugin of user "dev"`. */
  field: string;
  apiVersion: string;
  command: string;
  args: readonly string[];
  /** The whole environment of the program, besides KUBERNETES_EXEC_INFO. */
  environment: Readonly<Record<string, string | undefined>>;
  installHint: string | undefined;
  /** spec.cluster of the request, when the plugin asks for it (`provideClusterInfo`). */
  cluster: Readonly<Record<string, unknown>> | undefined;
}>;

const RUN_AT_MOST = minutes(1);
const OUTPUT_BYTES_MAX = 1_048_576;
/**
 * A run takes seconds; within this time of the end, the old credential still does while a new one is made.
 */
const REFRESH_BEFORE_EXPIRY = minutes(1);
const REST_AFTER_FAILURE = seconds(5);

const ExecCredential = z.object({
  kind: z.literal("ExecCredential"),
  status: z
    .object({
      token: z.string().trim().min(1).optional(),
      clientCertificateData: z.string().min(1).optional(),
      clientKeyData: z.string().min(1).optional(),
      expirationTimestamp: z.iso.datetime({ offset: true }).optional(),
    })
    .refine(
      ({ token, clientCertificateData: cert, clientKeyData: key }) =>
        (cert === undefined) === (key === undefined) && (token !== undefined || cert !== undefined),
      "must hold a token, or a client certificate with its key",
    ),
});

type Credential = Readonly<{ grant: Grant; expiresAt: EpochMillis | undefined }>;

export function createExecGrants(plugin: ExecPlugin, ports: CredentialPorts): GrantSource {
  return new ExecGrants(plugin, ports);
}

class ExecGrants implements GrantSource {
  readonly #plugin: ExecPlugin;
  readonly #ports: CredentialPorts;
  #credential: Credential | undefined;
  #running: Promise<Obtained<Grant>> | undefined;
  #failure: Readonly<{ message: string; at: MonoMillis }> | undefined;

  constructor(plugin: ExecPlugin, ports: CredentialPorts) {
    this.#plugin = plugin;
    this.#ports = ports;
  }

  async grant(anew: boolean): Promise<Obtained<Grant>> {
    const { grant, expiresAt } = this.#credential ?? {};
    const left = expiresAt === undefined ? undefined : elapsed(this.#ports.clock.wall(), expiresAt);
    const usable = !anew && grant !== undefined && (left === undefined || left > 0);
    if (!usable) return this.#renew();
    // Never rejects; a failure is kept and told when the credential is really needed.
    if (left !== undefined && left < REFRESH_BEFORE_EXPIRY) void this.#renew();
    return { kind: "obtained", value: grant };
  }

  #renew(): Promise<Obtained<Grant>> {
    const { clock } = this.#ports;
    if (this.#failure !== undefined && elapsed(this.#failure.at, clock.mono()) < REST_AFTER_FAILURE)
      return Promise.resolve({ kind: "unobtainable", message: this.#failure.message });
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  async #run(): Promise<Obtained<Grant>> {
    try {
      this.#credential = parseCredential(await runPlugin(this.#plugin));
      this.#failure = undefined;
      return { kind: "obtained", value: this.#credential.grant };
    } catch (error) {
      const { field, command, installHint } = this.#plugin;
      const hint = codeOf(error) === "ENOENT" && installHint !== undefined ? `: ${installHint}` : "";
      const message = cleanMessage(`${field}: ${command} gave no credential: ${reasonOf(error)}${hint}`);
      this.#failure = { message, at: this.#ports.clock.mono() };
      this.#ports.log("warn", "an exec plugin gave no credential", { problem: message });
      return { kind: "unobtainable", message };
    }
  }
}

async function runPlugin({ apiVersion, command, args, environment, cluster }: ExecPlugin): Promise<unknown> {
  const spec = { interactive: false, ...(cluster !== undefined && { cluster }) };
  const request = JSON.stringify({ apiVersion, kind: "ExecCredential", spec });
  const running = promisify(execFile)(command, args, {
    env: { ...environment, KUBERNETES_EXEC_INFO: request },
    timeout: RUN_AT_MOST,
    maxBuffer: OUTPUT_BYTES_MAX,
  });
  // There is nobody to answer a question.
  running.child.stdin?.end();
  return JSON.parse((await running).stdout);
}

function parseCredential(answer: unknown): Credential {
  const { token, clientCertificateData, clientKeyData, expirationTimestamp } =
    ExecCredential.parse(answer).status;
  const grant: Grant = {
    headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
    ...(clientCertificateData !== undefined &&
      clientKeyData !== undefined && { certificate: { cert: clientCertificateData, key: clientKeyData } }),
  };
  const expiresAt =
    expirationTimestamp === undefined ? undefined : epochMillis(Date.parse(expirationTimestamp));
  return { grant, expiresAt };
}

/** What the program said on standard error tells more than its exit code. */
function reasonOf(error: unknown): string {
  if (error instanceof z.ZodError) return `its answer is not an ExecCredential: ${z.prettifyError(error)}`;
  if (error instanceof SyntaxError) return "its answer is not JSON";
  if (error instanceof Error && "killed" in error && error.killed === true)
    return `it did not end within ${RUN_AT_MOST / 1000} s`;
  const said = error instanceof Error && "stderr" in error ? String(error.stderr).trim() : "";
  return said === "" ? wordsOf(error) : said;
}
