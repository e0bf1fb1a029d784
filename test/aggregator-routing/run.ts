/**
 * `node test/aggregator-routing/run.ts`: two replicas behind an aggregator that picks endpoints itself, as in clusters with
 * `--enable-aggregator-routing`. Either is ended and killed while `kubectl top` goes on; prints how many asked in vain, and
 * ends with 1 if more did than may.
 *
 * A command and not a test of the cluster lane: one run in four does not get as far as both replicas having figures within
 * half a minute, and why is not known yet.
 */
import { killEitherInside } from "./namespace.ts";

/** Two ask at the same time: what is on its way to a process at the moment it is killed is lost. */
const LOST = { SIGTERM: 0, SIGKILL: 2 };

const outcome = await killEitherInside();
if (outcome.kind === "impossible") {
  console.error(`no network namespace can be made here: ${outcome.message}`);
  process.exit(2);
}
for (const { address, signal, tops, failed } of outcome.seen) {
  console.log(`${signal} to ${address}: ${tops} kubectl top, ${failed.length} failed ${failed.join(" ")}`);
  if (failed.length > LOST[signal] || tops <= 5) process.exitCode = 1;
}
