/**
 * The scraper as a process of its own, so that its memory can be told from that of the kubelets it reads:
 * first healthy nodes alone, then hostile ones beside them. Prints what it took.
 *
 *   node oversized-reader.ts CERTIFICATE-FILE '{"good": [PORT…], "bad": [PORT…]}'
 */
import { readFileSync } from "node:fs";
import { objectKey } from "../../src/base/ids.ts";
import { millis, seconds } from "../../src/base/units.ts";
import type { Node } from "../../src/cluster/node.ts";
import { fixedText } from "../../src/real/apiserver/connection/text-source.ts";
import { createClock } from "../../src/real/clock.ts";
import { createKubeletCredentials } from "../../src/real/kubelet/credentials.ts";
import { createKubeletSource } from "../../src/real/kubelet/kubelet-source.ts";
import { createScraper } from "../../src/scrape/driver.ts";
import { DEFAULT_KUBELET_FLAGS } from "../../src/scrape/kubelet-flags.ts";
import { createStore } from "../../src/store/store.ts";
import { aNode } from "../scrape/nodes.ts";

/** What the process prints, as one line of JSON. */
export type Taken = Readonly<{
  baseline: number;
  peak: number;
  /** Answers of healthy nodes while the hostile ones were there, and the longest time without one of a node. */
  goodAnswers: number;
  longestGap: number;
  failures: Readonly<Record<string, number>>;
}>;

const WARM = seconds(4);
const HOSTILE = seconds(8);

async function read(certificate: string, ports: Readonly<{ good: number[]; bad: number[] }>): Promise<Taken> {
  const clock = createClock();
  const log = (): void => undefined;
  const flags = { ...DEFAULT_KUBELET_FLAGS, useNodeStatusPort: true, requestTimeout: millis(900) };
  const tls = { ca: fixedText(certificate), certificate: undefined, servername: undefined, insecure: false };
  const grant = async () => ({ kind: "obtained", value: { headers: {} } }) as const;
  const credentials = createKubeletCredentials(
    flags,
    { tls, grants: { grant }, headers: {} },
    { clock, log },
  );
  const source = createKubeletSource({ flags, credentials, userAgent: "plimsoll/test" });
  const nodes = new Map<string, Node>();
  const add = (name: string, port: number): void => {
    const addresses = [{ type: "InternalIP", address: "127.0.0.1" }];
    nodes.set(objectKey("", name), aNode({ name, addresses, kubeletPort: port }));
  };
  const store = createStore({ resolution: seconds(1) });
  const answers = new Map<string, number[]>();
  const failures: Record<string, number> = {};
  const scraper = createScraper({
    clock,
    log,
    meter: {
      count: (series, labels) => {
        const cause = labels?.["cause"];
        if (series === "plimsoll_scrape_failures_total" && cause !== undefined)
          failures[cause] = (failures[cause] ?? 0) + 1;
      },
      set: () => undefined,
      observe: () => undefined,
      forget: () => undefined,
    },
    source,
    nodes: {
      get: (key) => nodes.get(key),
      all: () => nodes.values(),
      count: () => nodes.size,
      synced: () => true,
      resourceVersion: () => "1",
      heardAt: () => undefined,
    },
    podByName: () => undefined,
    writer: store.writer,
    points: () => store.points(),
    resolution: seconds(1),
    onAnswer: (node) => void answers.set(node, [...(answers.get(node) ?? []), clock.mono()]),
  });
  const stop = new AbortController();
  ports.good.forEach((port, n) => add(`good-${n}`, port));
  const running = scraper.run(stop.signal);
  await clock.sleep(WARM, stop.signal);
  const baseline = process.memoryUsage.rss();
  let peak = baseline;
  const watching = setInterval(() => (peak = Math.max(peak, process.memoryUsage.rss())), 10);
  const since = clock.mono();
  ports.bad.forEach((port, n) => add(`bad-${n}`, port));
  await clock.sleep(HOSTILE, stop.signal);
  clearInterval(watching);
  stop.abort();
  await running;
  await source.close();
  const good = [...answers].filter(([name]) => name.startsWith("good-"));
  const gaps = good.flatMap(([, at]) => {
    const within = at.filter((moment) => moment >= since);
    return within.slice(1).map((moment, n) => moment - within[n]!);
  });
  return {
    baseline,
    peak,
    goodAnswers: gaps.length + good.length,
    longestGap: Math.max(...gaps),
    failures,
  };
}

const [file = "", ports = ""] = process.argv.slice(2);
console.log(JSON.stringify(await read(readFileSync(file, "utf8"), JSON.parse(ports))));
