/**
 * What the secure port answers besides the API: probes to anyone, and the figures of this process to whom
 * the API server allows the path.
 */
import type { Meter } from "../../base/meter.ts";
import { refusalReply, type Reply } from "../aggregated/reply.ts";
import { notAllowed } from "../aggregated/status-body.ts";
import type { Facts } from "../facts.ts";
import type { ProbeRoute } from "../routes.ts";
import type { AnsweringParts } from "./answering.ts";

export type PageParts = Readonly<{
  facts: Facts;
  probe: ProbeRoute;
  meter: Meter;
  /** The text of `/metrics`. */
  render: () => Promise<string>;
}>;

export function createPages({
  facts,
  probe,
  meter,
  render,
}: PageParts): Pick<AnsweringParts, "open" | "pages"> {
  return {
    async open(url, method) {
      const answer = probe(url);
      if (answer === undefined) return undefined;
      if (!isReading(method)) return refusalReply(notAllowed);
      return {
        status: answer.status,
        headers: Object.fromEntries(answer.headers),
        body: await answer.text(),
      };
    },
    async pages({ pathname }, method) {
      if (pathname !== "/metrics") return undefined;
      if (!isReading(method)) return refusalReply(notAllowed);
      meter.set("plimsoll_build_info", 1, { version: facts.version });
      meter.set("plimsoll_leader", facts.leadership() === undefined ? 0 : 1);
      return metricsReply(await render());
    },
  };
}

const isReading = (method: string): boolean => method === "GET" || method === "HEAD";

const metricsReply = (text: string): Reply => ({
  status: 200,
  headers: { "content-type": "text/plain; version=0.0.4; charset=utf-8" },
  body: text,
});
