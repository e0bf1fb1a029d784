/**
 * `policy NAME …`: a ScalePolicy, in short or as users write it.
 *
 *   policy web  min=2 max=10 cpu=60% window=5m mode=Shadow
 *   policy web  max=10 vertical          requests are recommended too
 *   policy web  only-vertical            and replicas left alone
 *   policy web  only-vertical apply=InPlace    requests are written too
 *   policy web
 *     targetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
 *     horizontal: {minReplicas: 2, maxReplicas: 10}
 *
 * Invariant: what comes out is a manifest, nothing more: whether it is a good one, `policy/` says.
 */
import { parse } from "yaml";
import type { Manifest } from "../manifest.ts";
import type { Line } from "./line.ts";
import { nameOf, targetOf } from "./workload-line.ts";

export function policyOf(line: Line): Manifest {
  const metadata = nameOf(line);
  const spec = line.block === "" ? shortSpecOf(line, metadata.name) : blockSpecOf(line);
  return { kind: "ScalePolicy", metadata, spec };
}

function blockSpecOf(line: Line): unknown {
  try {
    return parse(line.block);
  } catch (error) {
    line.complain(`the spec beneath is not YAML: ${error instanceof Error ? error.message : String(error)}`);
    return null;
  }
}

function shortSpecOf(line: Line, name: string): unknown {
  const alone = line.takes("only-vertical");
  const both = line.takes("vertical");
  return {
    targetRef: targetOf(line.text("kind") ?? "Deployment", line.text("target") ?? name),
    ...present("mode", line.text("mode")),
    ...present("horizontal", alone ? undefined : horizontalOf(line)),
    ...present("vertical", alone || both ? verticalOf(line) : undefined),
  };
}

function verticalOf(line: Line): unknown {
  const mode = line.text("apply");
  return mode === undefined ? {} : { apply: { mode } };
}

function horizontalOf(line: Line): unknown {
  const window = line.duration("window");
  const metrics = (["cpu", "memory"] as const).flatMap((resource) => metricOf(line, resource));
  return {
    ...present("minReplicas", line.count("min")),
    maxReplicas: line.count("max") ?? 10,
    ...present("metrics", metrics.length === 0 ? undefined : metrics),
    ...present(
      "behavior",
      window === undefined ? undefined : { scaleDown: { stabilizationWindowSeconds: window / 1000 } },
    ),
  };
}

/** `cpu=60%` of the request, or `cpu=250m` per pod. */
function metricOf(line: Line, resource: "cpu" | "memory"): unknown[] {
  const text = line.text(resource);
  if (text === undefined) return [];
  const target = text.endsWith("%")
    ? { type: "Utilization", averageUtilization: line.countOf(text.slice(0, -1)) }
    : { type: "AverageValue", averageValue: text };
  return [{ type: "Resource", resource: { name: resource, target } }];
}

function present(key: string, value: unknown): Record<string, unknown> {
  return value === undefined ? {} : { [key]: value };
}
