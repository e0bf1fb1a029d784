/**
 * The doubts that hold for every write of a round: whether this process still leads, and whether the policy
 * is still the one that was decided on.
 */
import { type Doubt, doubtOf } from "../../actuate/doubt.ts";
import type { Round } from "./driver.ts";

export function doubtOfBasis({ parts, key, policy, now }: Round): Doubt | undefined {
  const present = parts.sources.view.of.scalepolicies.get(key);
  const basis = { decidedAt: now.mono, policy: policy.meta.uid, generation: policy.meta.generation };
  return doubtOf(basis, {
    now: parts.clock.mono(),
    leading: parts.leadership.leading(),
    policy: present?.meta.deleting === false ? present.meta : undefined,
  });
}
