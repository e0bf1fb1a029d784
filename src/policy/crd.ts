/**
 * The CustomResourceDefinition of ScalePolicy, made of the schemas of this folder; `crds/` is its text.
 *
 * Invariant: a pure function of the schemas, the same at every run.
 */
import { spec } from "./schema.ts";
import { status } from "./status-schema.ts";
import { structuralSchema } from "./structural-schema.ts";

export const GROUP = "plimsoll.dev";
export const VERSION = "v1alpha1";
export const KIND = "ScalePolicy";
export const PLURAL = "scalepolicies";

type Column = Readonly<{
  name: string;
  type: "date" | "integer" | "string";
  jsonPath: string;
  description: string;
  /** Above 0: only with `-o wide`. */
  priority?: number;
}>;

const COLUMNS: readonly Column[] = [
  column("Kind", "string", ".spec.targetRef.kind", "Kind of the target."),
  column("Target", "string", ".spec.targetRef.name", "Name of the target."),
  column("Mode", "string", ".spec.mode", "Active, Shadow or Paused."),
  column("Min", "integer", ".spec.horizontal.minReplicas", "Never fewer replicas than this."),
  column("Max", "integer", ".spec.horizontal.maxReplicas", "Never more replicas than this."),
  column("Replicas", "integer", ".status.horizontal.currentReplicas", "Replicas that there are."),
  column(
    "Desired",
    "integer",
    ".status.horizontal.desiredReplicas",
    "Replicas that the last decision asked for.",
  ),
  column("Metrics", "string", ".status.display.metrics", "Measured and wanted."),
  column("Requests", "string", ".status.display.requests", "Requests of a pod."),
  column("Ready", "string", ".status.conditions[?(@.type=='Ready')].status", "Whether the policy works."),
  column("Age", "date", ".metadata.creationTimestamp", "Since when the policy exists."),
  {
    ...column(
      "Reason",
      "string",
      ".status.conditions[?(@.type=='Ready')].reason",
      "Why Ready is what it is.",
    ),
    priority: 1,
  },
  {
    ...column("Last Scale", "date", ".status.horizontal.lastScaleTime", "When replicas were last changed."),
    priority: 1,
  },
  {
    ...column("Decision", "string", ".status.lastDecision.summary", "The last decision in a sentence."),
    priority: 1,
  },
];

/** The whole object, apiextensions.k8s.io/v1. */
export function scalePolicyCrd() {
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${PLURAL}.${GROUP}` },
    spec: {
      group: GROUP,
      scope: "Namespaced",
      names: {
        kind: KIND,
        listKind: `${KIND}List`,
        plural: PLURAL,
        singular: KIND.toLowerCase(),
        shortNames: ["sp"],
        categories: ["all", "plimsoll"],
      },
      versions: [
        {
          name: VERSION,
          served: true,
          storage: true,
          subresources: { status: {} },
          additionalPrinterColumns: COLUMNS,
          selectableFields: [
            { jsonPath: ".spec.targetRef.kind" },
            { jsonPath: ".spec.targetRef.name" },
            { jsonPath: ".spec.mode" },
          ],
          schema: { openAPIV3Schema: objectSchema() },
        },
      ],
    },
  };
}

const objectSchema = () => ({
  description:
    "ScalePolicy keeps the replicas of a workload at what its metrics ask for, within bounds, and says why.",
  type: "object",
  required: ["spec"],
  properties: {
    apiVersion: { type: "string", description: `${GROUP}/${VERSION}.` },
    kind: { type: "string", description: `${KIND}.` },
    metadata: { type: "object" },
    spec: structuralSchema(spec),
    status: structuralSchema(status),
  },
});

function column(name: string, type: Column["type"], jsonPath: string, description: string): Column {
  return { name, type, jsonPath, description };
}
