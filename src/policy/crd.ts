/**
 * The CustomResourceDefinition of ScalePolicy, made of the schemas of this folder; `crds/` is its text.
 *
 * Invariant: a pure function of the schemas, the same at every run.
 */
import { spec } from "./schema.ts";
import { status } from "./status-schema.ts";
import { structuralSchema } from "./structural-schema.ts";

const GROUP = "plimsoll.dev";
const VERSION = "v1alpha1";
const KIND = "ScalePolicy";
const PLURAL = "scalepolicies";

type Column = readonly [
  name: string,
  type: "date" | "integer" | "string",
  jsonPath: string,
  description: string,
];

const READY = ".status.conditions[?(@.type=='Ready')]";
const COLUMNS: readonly Column[] = [
  ["Kind", "string", ".spec.targetRef.kind", "Kind of the target."],
  ["Target", "string", ".spec.targetRef.name", "Name of the target."],
  ["Mode", "string", ".spec.mode", "Active, Shadow or Paused."],
  ["Min", "integer", ".spec.horizontal.minReplicas", "Never fewer replicas than this."],
  ["Max", "integer", ".spec.horizontal.maxReplicas", "Never more replicas than this."],
  ["Replicas", "integer", ".status.horizontal.currentReplicas", "Replicas before the last decision."],
  ["Desired", "integer", ".status.horizontal.desiredReplicas", "Replicas that the last decision asked for."],
  ["Metrics", "string", ".status.display.metrics", "Measured and wanted."],
  ["Requests", "string", ".status.display.requests", "Requests of a pod."],
  ["Ready", "string", `${READY}.status`, "Whether the policy works."],
  ["Age", "date", ".metadata.creationTimestamp", "Since when the policy exists."],
];
const COLUMNS_OF_WIDE: readonly Column[] = [
  ["Reason", "string", `${READY}.reason`, "Why Ready is what it is."],
  ["Last Scale", "date", ".status.horizontal.lastScaleTime", "When replicas were last changed."],
  ["Decision", "string", ".status.lastDecision.summary", "The last decision in a sentence."],
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
          additionalPrinterColumns: [
            ...COLUMNS.map(shown),
            ...COLUMNS_OF_WIDE.map((column) => ({ ...shown(column), priority: 1 })),
          ],
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

const shown = ([name, type, jsonPath, description]: Column) => ({ name, type, jsonPath, description });
