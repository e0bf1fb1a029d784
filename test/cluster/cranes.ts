/**
 * A kind of a user's own, with the scale subresource and a text selector; no controller minds it.
 */
import type { ControlPlane } from "./control-plane.ts";
import { established } from "./crds.ts";

const CRANES = {
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name: "cranes.harbour.example.com" },
  spec: {
    group: "harbour.example.com",
    scope: "Namespaced",
    names: { plural: "cranes", singular: "crane", kind: "Crane" },
    versions: [
      {
        name: "v1",
        served: true,
        storage: true,
        schema: {
          openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true },
        },
        subresources: {
          status: {},
          scale: {
            specReplicasPath: ".spec.replicas",
            statusReplicasPath: ".status.replicas",
            labelSelectorPath: ".status.selector",
          },
        },
      },
    ],
  },
};

/** Until the API server serves it; again costs little. */
export async function establishCranes(plane: ControlPlane): Promise<void> {
  await plane.apply(CRANES);
  await established(plane, CRANES.metadata.name);
}
