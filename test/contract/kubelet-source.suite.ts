/**
 * What every world owes scrape/port.ts: a node's answer in a kubelet's text, or a reason; never a rejection.
 */
import { describe, expect, onTestFinished, test } from "vitest";
import { epochMillis } from "../../src/base/units.ts";
import { nodeName } from "../../src/base/ids.ts";
import type { Node } from "../../src/cluster/node.ts";
import { NodeDecoder, createDecodeScratch } from "../../src/scrape/decode.ts";
import type { NodeMetricsSource, NodeReply } from "../../src/scrape/port.ts";

export type KubeletWorld = Readonly<{
  source: NodeMetricsSource;
  /** A node that answers, with containers that have been measured. */
  node: Node;
  /** From now on the node does not answer; the reply comes when the adapter gives up. */
  silence(): Promise<void>;
  /** Resolves as `reply` does; a world with a clock of its own moves it. */
  settle(reply: Promise<NodeReply>): Promise<NodeReply>;
  close(): Promise<void>;
}>;

const never = new AbortController().signal;

export function describeKubeletSource(world: string, open: () => Promise<KubeletWorld>): void {
  describe(`kubelets, ${world}`, () => {
    const opened = async (): Promise<KubeletWorld> => {
      const made = await open();
      onTestFinished(() => made.close());
      return made;
    };

    test("a node's answer decodes whole, with its containers and its own usage", async () => {
      const { source, node, settle } = await opened();
      const reply = await settle(source.read(node, never));
      if (reply.kind !== "answered") expect.fail(reply.message);
      const { columns, lines, ...answer } = new NodeDecoder(createDecodeScratch()).decode(
        reply.body,
        epochMillis(1),
      );
      expect(lines).toMatchObject({ malformed: 0, unlabelled: 0 });
      expect(answer.node).toMatchObject({ cpu: expect.any(Number), memory: expect.any(Number) });
      expect(columns.series.length).toBeGreaterThan(0);
      columns.series.forEach((_, index) => {
        const { cpu, memory, at, start } = columns.row(index);
        expect([cpu, memory, at, start].every((value) => value > 0)).toBe(true);
        expect(start / 1e6).toBeLessThan(at);
      });
    });

    test("answers of one node follow one another, also after it was forgotten", async () => {
      const { source, node, settle } = await opened();
      expect(await settle(source.read(node, never))).toMatchObject({ kind: "answered" });
      expect(await settle(source.read(node, never))).toMatchObject({ kind: "answered" });
      source.forget(nodeName(node.meta.name));
      source.forget(nodeName("never-seen"));
      expect(await settle(source.read(node, never))).toMatchObject({ kind: "answered" });
    });

    test("a node that does not answer is a failed reply with a sentence", async () => {
      const { source, node, silence, settle } = await opened();
      await silence();
      const reply = await settle(source.read(node, never));
      expect(reply).toMatchObject({ kind: "failed", cause: expect.stringMatching(/^(timeout|connection)$/) });
      expect(reply.kind === "failed" && reply.message).toMatch(/\w{2,} \w+/);
    });

    test("a read that is given up ends at once, as a failed reply", async () => {
      const { source, node, settle } = await opened();
      const giveUp = new AbortController();
      const reply = source.read(node, giveUp.signal);
      giveUp.abort();
      expect(await settle(reply)).toMatchObject({ kind: "failed" });
    });
  });
}
