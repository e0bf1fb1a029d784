/**
 * Keeps our own certificates in their Secret: reads it again and again, and makes anew what is due.
 * Replicas do the same side by side; of two that write at once one gets a conflict, and takes what the
 * other wrote.
 *
 * Invariant: nothing is used that is not in the Secret.
 */
import type { Clock } from "../../base/clock.ts";
import type { Log } from "../../base/log.ts";
import { seconds } from "../../base/units.ts";
import type { Material, MaterialSource, Secret, SecretPort } from "./port.ts";
import { type Kept, type Lifetimes, LIFETIMES, renewed } from "./renewal.ts";

export type KeeperParts = Readonly<{
  secret: SecretPort;
  clock: Clock;
  log: Log;
  /** DNS names of our Service, the one that kube-apiserver verifies first. */
  hosts: readonly string[];
  lifetimes?: Lifetimes;
}>;

type Listener = Parameters<MaterialSource["followMaterial"]>[0];

/** A change by another replica is in use after this, at the latest. */
const LOOK_EVERY = seconds(30);
const TRY_AGAIN_AFTER = seconds(5);

export function createKeeper(parts: KeeperParts): MaterialSource {
  return {
    async followMaterial(listener, signal) {
      let known = "";
      while (!signal.aborted) {
        const material = await look(parts, listener);
        if (material !== undefined && JSON.stringify(material) !== known) {
          known = JSON.stringify(material);
          listener.use(material);
        }
        await parts.clock.sleep(material === undefined ? TRY_AGAIN_AFTER : LOOK_EVERY, signal);
      }
    },
  };
}

/** What the Secret holds after a look and, if need be, a write; undefined: try again. */
async function look(parts: KeeperParts, { trouble }: Listener): Promise<Material | undefined> {
  const { secret, clock, hosts, lifetimes = LIFETIMES, log } = parts;
  const read = await secret.readSecret();
  if (read.kind !== "read") {
    trouble(`the Secret of our certificates cannot be read: ${read.message}`);
    return undefined;
  }
  const due = renewed(read.value.contents as Partial<Kept>, { hosts, lifetimes, now: clock.wall() });
  if (due === undefined) return materialIn(read.value);
  const written = await secret.writeSecret(due.kept, read.value.resourceVersion);
  if (written.kind === "conflict") return undefined;
  if (written.kind !== "written") {
    trouble(`the Secret of our certificates cannot be written: ${written.message}`);
    return undefined;
  }
  log("info", "certificates were made anew", { because: due.because });
  return materialIn({ ...read.value, contents: due.kept });
}

const materialIn = ({ contents }: Secret): Material => ({
  certificate: contents["tls.crt"] ?? "",
  key: contents["tls.key"] ?? "",
  authorities: contents["ca.crt"] ?? "",
});
