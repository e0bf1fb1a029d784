/**
 * Where certificates of our own are kept, so that all replicas share them and a restart changes nothing.
 */
import type { ReadOutcome, WriteOutcome } from "../../base/outcome.ts";

/** Texts by key. */
export type Contents = Readonly<Record<string, string>>;
export type Secret = Readonly<{ contents: Contents; resourceVersion: string }>;

export interface SecretPort {
  readSecret(): Promise<ReadOutcome<Secret>>;
  /** Replaces everything in it on top of the version that was read. */
  writeSecret(contents: Contents, resourceVersion: string): Promise<WriteOutcome>;
}

/** What TLS serves with, and by whom clients may verify it. */
export type Material = Readonly<{
  /** PEM. */
  certificate: string;
  key: string;
  /** PEM; "" when it is not known, as with a certificate that was given without its authority. */
  authorities: string;
}>;

export interface MaterialSource {
  /** Tells what to serve with, and again whenever it changes, until `signal` aborts. */
  followMaterial(
    listener: Readonly<{ use(material: Material): void; trouble(message: string): void }>,
    signal: AbortSignal,
  ): Promise<void>;
}
