/**
 * Nodes and pods for tests of scraping.
 */
import { nodeName, uid } from "../../src/base/ids.ts";
import { epochMillis } from "../../src/base/units.ts";
import type { Node } from "../../src/cluster/node.ts";
import type { Meta } from "../../src/cluster/object.ts";
import type { ContainerRole, Pod, PodShape } from "../../src/cluster/pod.ts";
import { aMeta } from "../builders.ts";

export function aNode({ name = "node-1", ...over }: Partial<Node> & { name?: string } = {}): Node {
  return {
    meta: aMeta({ namespace: "", name }),
    labels: {},
    ready: { status: "True", since: epochMillis(0) },
    addresses: [{ type: "InternalIP", address: "10.0.0.7" }],
    kubeletPort: undefined,
    metricsPath: undefined,
    capacity: {},
    ...over,
  };
}

export function aShape(containers: Readonly<Record<string, ContainerRole>> = { app: "main" }): PodShape {
  const shapes = Object.entries(containers).map(([name, role]) => ({ name, role, requests: {}, limits: {} }));
  return { containers: shapes, podRequests: undefined, overhead: {} };
}

export function aRunningPod(
  name: string,
  over: Partial<Omit<Pod, "meta">> & { meta?: Partial<Meta> } = {},
): Pod {
  const createdAt = epochMillis(1_700_000_000_000);
  return {
    labels: {},
    shape: aShape(),
    node: nodeName("node-1"),
    phase: "Running",
    startTime: createdAt,
    readiness: undefined,
    runningSince: createdAt,
    oomKills: [],
    ...over,
    meta: aMeta({ name, uid: uid(`uid-of-${name}`), createdAt, ...over.meta }),
  };
}
