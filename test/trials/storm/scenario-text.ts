/**
 * A storm as the text of a scenario, and back: what is kept of one that failed can be read, and changed by hand.
 *
 * Invariant: a weather that is written and read again is the same weather.
 */
import { stringify } from "yaml";
import { must } from "../../../src/base/assert.ts";
import { formatDuration } from "../../../src/base/duration.ts";
import { type Millis, millis, seconds } from "../../../src/base/units.ts";
import type { FaultPlan } from "../../../src/sim/faults/fault-row.ts";
import type { Shape } from "../../../src/sim/kubelet/load.ts";
import { type ContainerBlueprint, MEBI } from "../../../src/sim/model/blueprint.ts";
import { populationOf, type Scenario } from "../../../src/sim/scenario/scenario.ts";
import type { Weather } from "./weather.ts";

/** What kubelets are asked in every storm of an hour. */
const RESOLUTION = seconds(15);

/** undefined: a long run, which is asked for less often than a scenario can say. */
export function scenarioTextOf(weather: Weather, title: string): string | undefined {
  const { seed, nodes, standby, calmFrom, resolution, workloads, faults } = weather;
  if (resolution !== RESOLUTION) return undefined;
  const lines = [
    `# ${title.replaceAll("\n", " ")}`,
    `seed ${seed}`,
    `nodes ${nodes.length}`,
    ...(standby ? ["standby"] : []),
    ...workloads.flatMap(linesOfWorkload),
    ...faults.map(lineOfFault),
    `calm ${momentText(calmFrom)}`,
  ];
  return `${lines.join("\n")}\n`;
}

export function weatherOf(scenario: Scenario): Weather {
  return {
    seed: scenario.seed,
    ...populationOf(scenario),
    faults: scenario.faults,
    standby: scenario.standby,
    resolution: RESOLUTION,
    calmFrom: must(scenario.calmFrom, "a storm says when it becomes calm"),
  };
}

function linesOfWorkload({ blueprint, policy }: Weather["workloads"][number]): readonly string[] {
  const { target, replicas, startup, containers, load } = blueprint;
  const { name, apiVersion } = target;
  const kind = apiVersion === "apps/v1" ? target.kind : `${apiVersion}/${target.kind}`;
  const [first, ...others] = containers;
  const own = requestsText(must(first, "a pod has a container"));
  return [
    `workload ${name} kind=${kind} replicas=${replicas} start=${momentText(startup)} ${own} memory-base=${mebiText(load.memoryBase)}`,
    ...others.map((one) => `container ${name} ${one.name} ${requestsText(one)} share=${one.share}`),
    `load ${name} ${pointsText(load.cpu, (cores) => `${Math.round(cores * 1000)}m`)}`,
    ...(load.memory === undefined ? [] : [`memory ${name} ${pointsText(load.memory, String)}`]),
    `policy ${name}`,
    ...stringify(policy.spec).trimEnd().split("\n").map((line) => `  ${line}`), // prettier-ignore
  ];
}

const requestsText = ({ requests: { cpu, memory } }: ContainerBlueprint): string =>
  `cpu=${cpu ?? 0}m memory=${mebiText((memory ?? 0) / 1000)}`;

const mebiText = (amount: number): string => `${amount / MEBI}Mi`;

function pointsText(shape: Shape, levelText: (level: number) => string): string {
  if (shape.kind !== "step") throw new Error(`invariant broken: a storm's load has steps, not ${shape.kind}`);
  return shape.points.map(({ at, level }) => `${momentText(at)}: ${levelText(level)}`).join(" ");
}

const lineOfFault = ({ kind, from, until, on }: FaultPlan): string =>
  `fault ${momentText(from)}..${momentText(until)} ${kind} ${on}`;

/** To the millisecond, of which a fault may depend: `11m57s385ms`. */
function momentText(moment: Millis): string {
  const rest = moment % 1000;
  const whole = formatDuration(millis(moment - rest));
  return rest === 0 ? whole : `${whole}${rest}ms`;
}
