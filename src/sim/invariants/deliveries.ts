/**
 * When a believable sample of each pod last reached a process: read off the bytes of the answers, apart
 * from the operator's own decoder.
 *
 * Invariant: what counts is CPU above zero of a pod that runs on the node that answered, with a stamp that
 * is of this hour and later than the one before.
 */
import { type ObjectKey, objectKey } from "../../base/ids.ts";
import { type Millis, millis, minutes } from "../../base/units.ts";
import type { ClusterView } from "../../cluster/view.ts";
import type { Node } from "../../cluster/node.ts";
import type { NodeReply } from "../../scrape/port.ts";
import type { VirtualTime } from "../clock.ts";

const LINE =
  /^container_cpu_usage_seconds_total\{container="[^"]*",namespace="([^"]*)",pod="([^"]*)"\} (\S+) (\d+)$/gm;
/** Longer than any run. */
export const NEVER = minutes(1e9);
const STAMP_AWAY_MAX = minutes(10);

export class Deliveries {
  readonly #time: VirtualTime;
  readonly #truth: ClusterView;
  readonly #seen = new Map<ObjectKey, Readonly<{ stamp: number; at: Millis }>>();

  constructor(time: VirtualTime, truth: ClusterView) {
    this.#time = time;
    this.#truth = truth;
  }

  /** NEVER when none did. */
  ageOf(pod: ObjectKey): Millis {
    const at = this.#seen.get(pod)?.at;
    return at === undefined ? NEVER : millis(this.#time.now() - at);
  }

  /** Of samples before `moment` nobody asks how old they are. */
  forget(moment: Millis): void {
    for (const [pod, { at }] of this.#seen) if (at < moment) this.#seen.delete(pod);
  }

  pass(node: Node, reply: NodeReply): NodeReply {
    if (reply.kind !== "answered") return reply;
    const text = new TextDecoder().decode(reply.body);
    for (const [, namespace = "", name = "", value, stamp] of text.matchAll(LINE)) {
      const pod = objectKey(namespace, name);
      if (this.#truth.of.pods.get(pod)?.node === node.meta.name)
        this.#note(pod, Number(value), Number(stamp));
    }
    return reply;
  }

  #note(pod: ObjectKey, value: number, stamp: number): void {
    const isTimely = Math.abs(stamp - this.#time.wall()) <= STAMP_AWAY_MAX;
    if (!isTimely || !(value > 0) || stamp <= (this.#seen.get(pod)?.stamp ?? 0)) return;
    this.#seen.set(pod, { stamp, at: this.#time.now() });
  }
}
