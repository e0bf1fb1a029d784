/**
 * What scraping needs of the world: one node's answer, as bytes.
 */
import type { NodeName } from "../base/ids.ts";
import type { Node } from "../cluster/node.ts";

/** Why a node gave no usable answer; each is a label of the scrape series and a sentence in the log. */
export type ScrapeFailureCause =
  | "no-address"
  | "timeout"
  | "connection"
  | "certificate"
  | "unauthorized"
  | "forbidden"
  | "status"
  | "too-large";

export type NodeReply =
  | Readonly<{ kind: "answered"; body: Uint8Array }>
  | Readonly<{ kind: "failed"; cause: ScrapeFailureCause; message: string }>;

export interface NodeMetricsSource {
  /** Reads `/metrics/resource` of one kubelet. Never rejects; the request's time limit is the adapter's. */
  read(node: Node, signal: AbortSignal): Promise<NodeReply>;
  /** Lets go of what is kept for a node that is gone (connections). */
  forget(node: NodeName): void;
}
