/**
 * What the shipped manifest needs on one machine without a pod network, as an overlay for `kubectl kustomize`: pods use the
 * machine's own network, so they have its ports and reach the API server where it really is; and a port is there only once,
 * so there is one replica, and an upgrade ends it before it starts the next. All else is as shipped.
 */
import { copyFileSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseAllDocuments, stringify } from "yaml";
import type { RealNode } from "./start.ts";

const manifest = fileURLToPath(new URL("../../deploy/plimsoll.yaml", import.meta.url));

export type Ports = Readonly<{ secure: number; health: number }>;
export type Overlay = Readonly<{
  ports: Ports;
  server: string;
  /** Of the image; the manifest's own without. */ tag?: string;
}>;

type Container = Readonly<{ args: readonly string[]; ports: readonly { name: string }[] }>;
type Deployment = Readonly<{
  kind: string;
  spec: { template: { spec: { containers: readonly Container[] } } };
}>;

/** kustomization.yaml, beside a copy of the manifest. */
export function overlayText({ ports, server, tag }: Overlay): string {
  const container = "/spec/template/spec/containers/0";
  const { args, ports: named } = operatorContainer();
  const at = (list: readonly string[], start: string): number => {
    const index = list.findIndex((each) => each.startsWith(start));
    if (index < 0) throw new Error(`deploy/plimsoll.yaml has no ${start} any more`);
    return index;
  };
  const replace = (path: string, value: unknown) => ({ op: "replace", path, value });
  const add = (path: string, value: unknown) => ({ op: "add", path, value });
  const port = (name: keyof Ports) => [
    replace(`${container}/args/${at(args, `--${name}-port=`)}`, `--${name}-port=${ports[name]}`),
    replace(`${container}/ports/${at(named.map((each) => each.name), name)}/containerPort`, ports[name]),
  ]; // prettier-ignore
  const { hostname, port: serverPort } = new URL(server);
  const deployment = [
    replace("/spec/replicas", 1),
    add("/spec/strategy", { rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } }),
    add("/spec/template/spec/hostNetwork", true),
    ...port("secure"),
    ...port("health"),
    add(`${container}/env/-`, { name: "KUBERNETES_SERVICE_HOST", value: hostname }),
    add(`${container}/env/-`, { name: "KUBERNETES_SERVICE_PORT", value: serverPort }),
  ];
  const level = "/metadata/labels/pod-security.kubernetes.io~1enforce";
  const patches = [
    { target: { kind: "Namespace" }, patch: stringify([replace(level, "privileged")]) },
    { target: { kind: "Deployment" }, patch: stringify(deployment) },
  ];
  const images = tag === undefined ? {} : { images: [{ name: "plimsoll", newTag: tag }] };
  return stringify({ resources: ["plimsoll.yaml"], ...images, patches });
}

/** The manifest with the overlay, as kubectl makes it. */
export async function renderManifest({ folder, kubectl }: RealNode, text: string): Promise<string> {
  const place = mkdtempSync(join(folder, "overlay-"));
  copyFileSync(manifest, join(place, "plimsoll.yaml"));
  writeFileSync(join(place, "kustomization.yaml"), text);
  return kubectl("kustomize", place);
}

function operatorContainer(): Container {
  const objects = parseAllDocuments(readFileSync(manifest, "utf8")).map((each) => each.toJS() as Deployment);
  const [container] = objects.find(({ kind }) => kind === "Deployment")?.spec.template.spec.containers ?? [];
  if (container === undefined) throw new Error("deploy/plimsoll.yaml holds no Deployment");
  return container;
}
