/**
 * The APIServices of our group: which there are, where ours would lead, and the writes that make, keep and
 * remove ours.
 */
import type { ReadOutcome, WriteOutcome } from "../../base/outcome.ts";

export type ServiceRef = Readonly<{ namespace: string; name: string; port: number }>;

/** What an APIService says of where requests go. */
export type Backing = Readonly<{
  service: ServiceRef | undefined;
  /** PEM; "" when there is none. */
  authorities: string;
  insecure: boolean;
}>;

export type Registration = Backing &
  Readonly<{
    version: string;
    resourceVersion: string;
    /** What it said before we took it over, as it was written then; undefined when we made it. */
    replaced: string | undefined;
  }>;

export type Wanted = Readonly<{
  service: ServiceRef;
  /** PEM; undefined: whatever is there is left as it is (someone else keeps it). */
  authorities: string | undefined;
}>;

export interface RegistrationPort {
  /** Whether it is there. */
  hasService(service: ServiceRef): Promise<ReadOutcome<boolean>>;
  /** undefined: there is none for this version. */
  readRegistration(version: string): Promise<ReadOutcome<Registration | undefined>>;
  createRegistration(version: string, wanted: Wanted): Promise<WriteOutcome>;
  /** Points it to us on top of the version that was read; `remember` keeps what it said before. */
  updateRegistration(
    registration: Registration,
    wanted: Wanted,
    remember: "remember" | "as-it-was",
  ): Promise<WriteOutcome>;
  /** Gives one that we took over back to whom it belonged. */
  restoreRegistration(registration: Registration): Promise<WriteOutcome>;
  deleteRegistration(registration: Registration): Promise<WriteOutcome>;
}
