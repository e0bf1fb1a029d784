import { beforeAll } from "vitest";
import { z } from "zod";
import { uid } from "../../src/base/ids.ts";
import { epochMillis } from "../../src/base/units.ts";
import type { Meta } from "../../src/cluster/object.ts";
import { describeReportPort, type ReportWorld, type SeenEvent } from "../contract/report-port.suite.ts";
import { established } from "./crds.ts";
import { controlPlane } from "./control-plane.ts";
import { openApi } from "./open-api.ts";

const Policy = z.object({
  metadata: z.object({
    namespace: z.string(),
    name: z.string(),
    uid: z.string(),
    resourceVersion: z.string(),
    generation: z.number(),
  }),
  status: z.unknown().optional(),
});
const Events = z.object({
  items: z.array(
    z.object({
      type: z.string(),
      reason: z.string(),
      note: z.string(),
      regarding: z.object({ uid: z.string() }),
      series: z.object({ count: z.number() }).optional(),
    }),
  ),
});

beforeAll(async () => {
  const cluster = await controlPlane();
  await cluster.kubectl("apply", "-f", new URL("../../crds", import.meta.url).pathname);
  await established(cluster, "scalepolicies.plimsoll.dev");
});

describeReportPort(async (): Promise<ReportWorld> => {
  const cluster = await controlPlane();
  const namespace = await cluster.namespace("report");
  const { api, transport } = await openApi(cluster.kubeconfig, namespace);
  const path = ({ name }: Pick<Meta, "name">) =>
    `/apis/plimsoll.dev/v1alpha1/namespaces/${namespace}/scalepolicies/${name}`;
  const look = async (policy: Pick<Meta, "name">) => {
    const { status, body } = await cluster.request("GET", path(policy));
    if (status === 404) return undefined;
    const parsed = Policy.parse(body);
    return { meta: toMeta(parsed.metadata), status: parsed.status };
  };
  return {
    port: api,
    look,
    async seed(name) {
      await cluster.apply({
        apiVersion: "plimsoll.dev/v1alpha1",
        kind: "ScalePolicy",
        metadata: { name, namespace },
        spec: {
          targetRef: { apiVersion: "apps/v1", kind: "Deployment", name },
          horizontal: { maxReplicas: 10 },
        },
      });
      return (await look({ name }))!.meta;
    },
    async touch({ name }) {
      await cluster.kubectl("label", "scalepolicies", name, "-n", namespace, "touched=yes");
    },
    async remove({ name }) {
      await cluster.kubectl("delete", "scalepolicies", name, "-n", namespace);
    },
    async eventsAbout(policy) {
      const { body } = await cluster.request("GET", `/apis/events.k8s.io/v1/namespaces/${namespace}/events`);
      return Events.parse(body)
        .items.filter(({ regarding }) => regarding.uid === policy.uid)
        .map(({ type, reason, note, series }): SeenEvent => ({
          type,
          reason,
          note,
          count: series?.count ?? 1,
        }));
    },
    close: () => transport.close(),
  };
});

function toMeta(metadata: z.infer<typeof Policy>["metadata"]): Meta {
  return {
    ...metadata,
    uid: uid(metadata.uid),
    createdAt: epochMillis(0),
    deleting: false,
    owner: undefined,
  };
}
