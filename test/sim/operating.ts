/**
 * The whole operator over a simulated world, and the ordinary policy and workload that such tests begin with.
 */
import { must } from "../../src/base/assert.ts";
import type { Log } from "../../src/base/log.ts";
import { SIMULATED_SETUP } from "../../src/cli/setup.ts";
import { type Ending, type OperatorSetup, runOperator } from "../../src/compose.ts";
import type { TargetReference } from "../../src/cluster/workload.ts";
import type { ScalePolicyStatus } from "../../src/policy/status.ts";
import type { World } from "../../src/reconcile/world.ts";
import type { DecisionRecord } from "../../src/report/record.ts";
import type { Manifest } from "../../src/sim/manifest.ts";
import { type Load, workload, type WorkloadBlueprint } from "../../src/sim/model/blueprint.ts";
import type { SimModel } from "../../src/sim/model.ts";
import type { Fault } from "../../src/sim/ports/fault.ts";
import type { SimulatedWorld } from "../../src/sim/world.ts";
import { smallWorld } from "./stage.ts";

type PolicyOptions = Readonly<{
  name?: string;
  mode?: string;
  target?: TargetReference;
  maxReplicas?: number;
  behavior?: unknown;
  metrics?: unknown;
}>;

export const deploymentCalled = (name: string): TargetReference => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  name,
});

/** 60 % of the CPU that the target's pods request, with 2 to 40 replicas. */
export function policy({ name = "web", target, mode, ...horizontal }: PolicyOptions = {}): Manifest {
  return {
    kind: "ScalePolicy",
    metadata: { name, namespace: "default" },
    spec: {
      targetRef: target ?? deploymentCalled(name),
      mode,
      horizontal: {
        minReplicas: 2,
        maxReplicas: 40,
        metrics: [
          {
            type: "Resource",
            resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 60 } },
          },
        ],
        ...horizontal,
      },
    },
  };
}

export const steady = (cores: number): Pick<Load, "cpu"> => ({ cpu: { kind: "steady", level: cores } });

/** Pods request 500m each, so 60 % are 0.3 cores a pod. */
export function deployment(
  of: Readonly<{ name?: string; replicas: number; cores: number; target?: TargetReference }>,
): WorkloadBlueprint {
  const { name = "web", cores, ...rest } = of;
  return workload({ name, ...steady(cores), ...rest });
}

/** One workload that has run for an hour, and its policy. Faults that are pushed later count too. */
export function settledWorld(
  of: Parameters<typeof deployment>[0],
  options: PolicyOptions = {},
): SimulatedWorld & Readonly<{ faults: Fault[] }> {
  const faults: Fault[] = [];
  const simulated = smallWorld({ faults });
  simulated.model.addWorkload(deployment(of), "settled");
  simulated.model.apply(policy(options));
  return { ...simulated, faults };
}

export type Operator = Readonly<{
  /** Every decision so far, oldest first. */
  records: readonly DecisionRecord[];
  /** Tells it to end, and moves time until it has. */
  end(): Promise<Ending>;
}>;

type Operation = Readonly<{
  identity?: string;
  /** Another one has a Lease of its own; give `api` that too. */
  installation?: string;
  log?: Log;
  /** What stands before the API server's own answers. */
  api?: Partial<World["api"]>;
  /** Sees every decision as it is made. */
  observe?: (record: DecisionRecord) => void;
  /** How it decides, where that is not the default. */
  decision?: Partial<OperatorSetup["decision"]>;
}>;

export function operate({ world, time }: SimulatedWorld, operation: Operation = {}): Operator {
  const { identity = "simulated", installation = SIMULATED_SETUP.installation } = operation;
  const { log = () => undefined, api } = operation;
  const decision = { ...SIMULATED_SETUP.decision, ...operation.decision };
  const records: DecisionRecord[] = [];
  const stop = new AbortController();
  const ended = runOperator({
    world: { ...world, api: { ...world.api, ...api } },
    setup: { ...SIMULATED_SETUP, identity, installation, decision },
    log,
    observe: (record) => {
      records.push(record);
      operation.observe?.(record);
    },
    signal: stop.signal,
  });
  return {
    records,
    end() {
      stop.abort();
      return time.settle(ended);
    },
  };
}

export const wantedOf = (model: SimModel, name = "web"): number => model.replicas("default", name).wanted;

export function statusOf(model: SimModel, name = "web"): ScalePolicyStatus {
  const { status } = must(model.policy("default", name), "the policy is there");
  return must(status, "it has a status") as ScalePolicyStatus;
}
