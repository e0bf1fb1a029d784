/**
 * `at TIME do …`: what happens to the world while the operator runs.
 *
 * Invariant: every action that can be written can be done; a new one is a row here.
 */
import type { Millis } from "../../base/units.ts";
import type { Manifest } from "../manifest.ts";
import type { SimModel } from "../model.ts";
import type { Line } from "./line.ts";
import { shapeOf } from "./load-line.ts";
import { policyOf } from "./policy-line.ts";
import { appOf, nameOf, targetOf } from "./workload-line.ts";

export type Action = Readonly<{ at: Millis; line: number }> &
  (
    | Readonly<{ kind: "change"; change: (model: SimModel) => void }>
    /** The host stops the operator and starts another: the world goes on. */
    | Readonly<{ kind: "restart-operator" }>
  );

/** Reads the words after the verb now, and changes the model later. */
type Reading = (line: Line) => (model: SimModel) => void;

const CHANGES: Readonly<Record<string, Reading>> = {
  /** scale web 7 */
  scale: (line) => {
    const { namespace, name } = nameOf(line);
    const replicas = line.countOf(line.word("a number of replicas"));
    return (model) => model.scale(namespace, name, replicas);
  },
  /** load web 0s: 2 (moments count from the world's start) */
  load: (line) => {
    const { namespace, name } = nameOf(line);
    const cpu = shapeOf(line);
    return (model) => model.setLoad(namespace, name, { cpu });
  },
  /** roll-out web start=20s | roll-out web broken | roll-out web cpu=1 (one container with this request) */
  "roll-out": (line) => {
    const { namespace, name } = nameOf(line);
    const neverReady = line.takes("broken");
    const startup = line.duration("start");
    const cpu = line.amount("cpu");
    const containers = cpu === undefined ? {} : { containers: [appOf({ cpu })] };
    return (model) =>
      model.rollOut(namespace, name, {
        neverReady,
        ...containers,
        ...(startup === undefined ? {} : { startup }),
      });
  },
  /** succeed web 2, fail web 2: so many pods end, and their objects stay */
  succeed: (line) => podsEnded(line, "Succeeded"),
  fail: (line) => podsEnded(line, "Failed"),
  /** unready web 3: so many pods fail their readiness probes */
  unready: (line) => readinessChanged(line, false),
  ready: (line) => readinessChanged(line, true),
  /** pause web: the Deployment's rollout */
  pause: (line) => pausedChanged(line, true),
  resume: (line) => pausedChanged(line, false),
  "break-metrics": (line) => metricsBroken(line, true),
  "mend-metrics": (line) => metricsBroken(line, false),
  "kill-node": (line) => onNode(line, (model, node) => model.killNode(node)),
  "revive-node": (line) => onNode(line, (model, node) => model.reviveNode(node)),
  "silence-node": (line) => onNode(line, (model, node) => model.setNodeSilent(node, true)),
  "unsilence-node": (line) => onNode(line, (model, node) => model.setNodeSilent(node, false)),
  /** policy web min=3 …: create or replace */
  policy: (line) => {
    const manifest = policyOf(line);
    return (model) => model.apply(manifest);
  },
  "delete-policy": (line) => {
    const { namespace, name } = nameOf(line);
    return (model) => model.deletePolicy(namespace, name);
  },
  /** hpa web: someone else scales the Deployment of that name */
  hpa: (line) => {
    const metadata = nameOf(line);
    const spec = { scaleTargetRef: targetOf("Deployment", metadata.name) };
    const manifest: Manifest = { kind: "HorizontalPodAutoscaler", metadata, spec };
    return (model) => model.apply(manifest);
  },
  "delete-hpa": (line) => {
    const { namespace, name } = nameOf(line);
    return (model) => model.deleteAutoscaler(namespace, name);
  },
  /** quota default 5 | quota default none */
  quota: (line) => {
    const namespace = line.word("a namespace");
    const pods = line.takes("none") ? undefined : line.countOf(line.word("a number of pods, or none"));
    return (model) => model.setPodQuota(namespace, pods);
  },
};

export function actionOf(line: Line): Action {
  const at = line.durationOf(line.word("a time such as 10m"));
  if (!line.takes("do")) line.complain("write `at TIME do ACTION`");
  if (line.takes("restart-operator")) return { at, line: line.number, kind: "restart-operator" };
  const verb = line.word("an action");
  const read = CHANGES[verb];
  if (read === undefined)
    line.complain(
      `"${verb}" is not an action; there are restart-operator, ${Object.keys(CHANGES).join(", ")}`,
    );
  return { at, line: line.number, kind: "change", change: read?.(line) ?? (() => undefined) };
}

function podsEnded(line: Line, phase: "Succeeded" | "Failed"): (model: SimModel) => void {
  const { namespace, name } = nameOf(line);
  const count = line.countOf(line.word("a number of pods"));
  return (model) => model.endPods(namespace, name, { count, phase });
}

function readinessChanged(line: Line, ready: boolean): (model: SimModel) => void {
  const { namespace, name } = nameOf(line);
  const count = line.countOf(line.word("a number of pods"));
  return (model) => model.setReady(namespace, name, { count, ready });
}

function pausedChanged(line: Line, paused: boolean): (model: SimModel) => void {
  const { namespace, name } = nameOf(line);
  return (model) => model.setPaused(namespace, name, paused);
}

function metricsBroken(line: Line, broken: boolean): (model: SimModel) => void {
  const { namespace, name } = nameOf(line);
  return (model) => model.setMetricsBroken(namespace, name, broken);
}

function onNode(line: Line, change: (model: SimModel, node: string) => void): (model: SimModel) => void {
  const node = line.word("a node such as node-1");
  return (model) => change(model, node);
}
