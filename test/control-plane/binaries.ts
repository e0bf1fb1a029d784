/**
 * What the control plane and its peers are made of: Go modules with pinned versions, and the programs each one gives.
 * The versions live in the modules' go.mod files and nowhere else; an older Kubernetes has a module of its own beside the newest.
 */
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

export type GoModule = "etcd" | "helm" | "kubernetes" | "kwok" | "metrics-server" | "vpa";
/** What a control plane needs; the node lane also asks for `kubelet`, peers.ts for two more, installation tests for `helm`. */
export const CONTROL_PLANE_FILES = [
  "etcd",
  "kube-apiserver",
  "kube-controller-manager",
  "kube-scheduler",
  "kubectl",
  "kwok",
  "kwok-stock.yaml",
] as const;
export type BinaryName =
  (typeof CONTROL_PLANE_FILES)[number] | "helm" | "kubelet" | "metrics-server" | "vpa-recommender";
export type Binaries = Readonly<Record<BinaryName, string>>;

/** The module path whose version names the build, and the package of each program. */
export const MODULES: Readonly<
  Record<GoModule, { path: string; packages: Readonly<Record<string, string>> }>
> = {
  etcd: { path: "go.etcd.io/etcd/server/v3", packages: { etcd: "go.etcd.io/etcd/server/v3" } },
  helm: { path: "helm.sh/helm/v3", packages: { helm: "helm.sh/helm/v3/cmd/helm" } },
  "metrics-server": {
    path: "sigs.k8s.io/metrics-server",
    packages: { "metrics-server": "sigs.k8s.io/metrics-server/cmd/metrics-server" },
  },
  vpa: {
    path: "k8s.io/autoscaler/vertical-pod-autoscaler",
    packages: { "vpa-recommender": "k8s.io/autoscaler/vertical-pod-autoscaler/pkg/recommender" },
  },
  kwok: { path: "sigs.k8s.io/kwok", packages: { kwok: "sigs.k8s.io/kwok/cmd/kwok" } },
  kubernetes: {
    path: "k8s.io/kubernetes",
    packages: Object.fromEntries(
      ["kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubectl", "kubelet"].map((name) => [
        name,
        `k8s.io/kubernetes/cmd/${name}`,
      ]),
    ),
  },
};

/** kwok's stock Stages, Metric and usage rule, as one file: these are data of its module, so the module is their source. */
export const KWOK_STOCK_FILES = [
  "stage/node/fast/node-initialize.yaml",
  "stage/node/heartbeat-with-lease/node-heartbeat-with-lease.yaml",
  "stage/pod/fast/pod-ready.yaml",
  "stage/pod/fast/pod-complete.yaml",
  "stage/pod/fast/pod-delete.yaml",
  "metrics/resource/metrics-resource.yaml",
  "metrics/usage/usage-from-annotation.yaml",
];

export function moduleOf(name: BinaryName): GoModule {
  if (name === "etcd" || name === "helm" || name === "metrics-server") return name;
  if (name === "vpa-recommender") return "vpa";
  return name.startsWith("kwok") ? "kwok" : "kubernetes";
}

/** PLIMSOLL_KUBERNETES=1.34 asks for that minor; `npm test -- --kubernetes 1.34` sets it. */
export function moduleFolder(module: GoModule): string {
  const minor = module === "kubernetes" ? process.env["PLIMSOLL_KUBERNETES"] : undefined;
  const folder = minor ? `${module}-${minor}` : module;
  const found = new URL(`./${folder}/`, import.meta.url).pathname;
  if (!existsSync(found)) throw new Error(`there is no test/control-plane/${folder} (docs/versions.md)`);
  return found;
}

/** Such as `v1.36.3`, from the module's go.mod. */
export function versionOf(module: GoModule): string {
  const goMod = readFileSync(join(moduleFolder(module), "go.mod"), "utf8");
  const { path } = MODULES[module];
  const line = goMod.split("\n").find((each) => new RegExp(`^(require )?\\s*${path} v`).test(each));
  const version = line?.match(/ (v[0-9][^ ]*)/)?.[1];
  if (version === undefined) throw new Error(`${module}/go.mod names no version of ${path}`);
  return version;
}

/**
 * The folder of one module's programs in the user's cache. The key changes with the version, the dependencies,
 * the way of building and the platform; so a folder that exists is right.
 */
export function cacheFolderOf(module: GoModule): string {
  const hash = createHash("sha256");
  for (const file of ["go.mod", "go.sum"]) hash.update(readFileSync(join(moduleFolder(module), file)));
  const key = hash.update(linkerFlagsOf(module)).digest("hex").slice(0, 12);
  return join(
    userCache(),
    "control-plane",
    `${module}-${versionOf(module)}-${process.platform}-${process.arch}-${key}`,
  );
}

/** Ours, in the user's cache. */
export function userCache(): string {
  const fallback =
    process.platform === "darwin" ? join(homedir(), "Library/Caches") : join(homedir(), ".cache");
  return join(process.env["XDG_CACHE_HOME"] || fallback, "plimsoll");
}

/**
 * Without these the API server calls itself v0.0.0, and clients that compare versions are confused; and helm takes every
 * cluster that it does not ask for Kubernetes 1.20.
 */
export function linkerFlagsOf(module: GoModule): string {
  if (module !== "kubernetes" && module !== "helm") return "-s -w";
  const version = versionOf("kubernetes");
  const [major = "", minor = ""] = version.slice(1).split(".");
  const values =
    module === "helm"
      ? {
          "helm.sh/helm/v3/internal/version.version": versionOf("helm"),
          "helm.sh/helm/v3/pkg/chartutil.k8sVersionMajor": major,
          "helm.sh/helm/v3/pkg/chartutil.k8sVersionMinor": minor,
          "helm.sh/helm/v3/pkg/lint/rules.k8sVersionMajor": major,
          "helm.sh/helm/v3/pkg/lint/rules.k8sVersionMinor": minor,
        }
      : {
          "k8s.io/component-base/version.gitVersion": version,
          "k8s.io/component-base/version.gitMajor": major,
          "k8s.io/component-base/version.gitMinor": minor,
        };
  return ["-s -w", ...Object.entries(values).map(([name, value]) => `-X ${name}=${value}`)].join(" ");
}
