/**
 * Pods and plans for tests of waves: pods that ask for 500m, and a plan that wants 300m of each.
 */
import { uid } from "../../../src/base/ids.ts";
import { type EpochMillis, later, minutes } from "../../../src/base/units.ts";
import type { ResizeState } from "../../../src/cluster/pod.ts";
import { resizablePod, type ResizablePod } from "../../../src/actuate/requests/resizable-pod.ts";
import type { ContainerResources, RequestPlan } from "../../../src/coordinate/requests/plan.ts";
import { milliUnits } from "../../../src/base/units.ts";
import { aMeta, T0 } from "../../builders.ts";
import { amounts, named, resources } from "../../coordinate/requests/questions.ts";

export const asks = (cpu: number): readonly ContainerResources[] => [named("app", resources(amounts(cpu)))];

type Over = Partial<ResizablePod> &
  Readonly<{ cpu?: number; version?: number; state?: ResizeState; since?: EpochMillis }>;

/** `granted` is what it had before, while a resize is under way. */
export function aResizablePod(
  name: string,
  { cpu = 500, version = 10, state, since = T0, ...over }: Over = {},
): ResizablePod {
  const requests = { cpu: milliUnits(cpu) };
  const container = { name: "app", role: "main", requests, limits: {} } as const;
  const pod = resizablePod({
    meta: aMeta({
      name,
      uid: uid(`uid-of-${name}`),
      resourceVersion: `${version}`,
      createdAt: later(T0, minutes(-60)),
    }),
    labels: {},
    shape: { containers: [container], podRequests: undefined, overhead: {} },
    node: undefined,
    phase: "Running",
    startTime: T0,
    readiness: { status: "True", since: T0 },
    runningSince: T0,
    oomKills: [],
    ...(state !== undefined && {
      resize: {
        state,
        since,
        message: `${state}, says the kubelet`,
        allocated: [{ ...container, requests: { cpu: milliUnits(500) } }],
      },
    }),
  });
  return { ...pod, ...over };
}

export const aPlan = (cpu: number | undefined): RequestPlan => ({
  changes: cpu === undefined ? [] : asks(cpu),
  moves: [],
  applying: { status: "True", reason: "Applying", message: "" },
  sentence: "",
});
