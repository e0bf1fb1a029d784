/**
 * The figures of both sides as tables, and the ratios that the goals are about.
 */
import { addCosts, type Cost } from "./process-cost.ts";
import type { Ours, Program, Side, Theirs } from "./sides.ts";
import { quantile } from "./steps.ts";

type Row = Readonly<Record<string, string>>;

export function costRows(theirs: Theirs, ours: readonly Ours[]): readonly Row[] {
  const { programs, idleController } = theirs;
  const all = addCosts(programs.map(({ cost }) => cost));
  const floor: Cost = { cpu: -idleController.cpu, rss: -idleController.rss, pss: -idleController.pss };
  const vpa = programs.find(({ name }) => name === "VPA recommender")?.cost;
  const less = vpa && { cpu: -vpa.cpu, rss: -vpa.rss, pss: -vpa.pss };
  const sums = {
    "the three together": all,
    "the same, a controller-manager without HPAs subtracted": addCosts([all, floor]),
    "metrics-server and HPA controller": addCosts([all, ...(less ? [less] : [])]),
    "the same, a controller-manager without HPAs subtracted ": addCosts([
      all,
      floor,
      ...(less ? [less] : []),
    ]),
  };
  const [first] = ours;
  const ratios = Object.entries(sums).flatMap(([name, sum]) =>
    first === undefined ? [] : [ratioRow(name.trim(), sum, first)],
  );
  return [
    ...programs.map(programRow),
    costRow("a controller-manager with the HPA controller and no HPA", idleController),
    costRow("the three together", all, requestsOf(theirs)),
    ...ours.flatMap((side) => side.programs.map((program) => programRow({ ...program, name: `${program.name} (no vertical yet)` }))),
    ...ratios,
    costRow("kube-apiserver meanwhile: theirs", theirs.apiServer),
    ...ours.map((side) => costRow(`kube-apiserver meanwhile: ours, ${side.resolution}`, side.apiServer)),
  ]; // prettier-ignore
}

export function lagRows(theirs: Theirs, ours: readonly Ours[]): readonly Row[] {
  const row = (side: string, { lags, missed }: Side["lags"], written?: number): Row => ({
    "step → spec.replicas": side,
    steps: `${lags.length}${missed > 0 ? ` and ${missed} without an answer` : ""}`,
    "mean, s": (lags.reduce((sum, lag) => sum + lag, 0) / lags.length).toFixed(1),
    "p50, s": quantile(lags, 0.5).toFixed(1),
    "p95, s": quantile(lags, 0.95).toFixed(1),
    "worst, s": Math.max(...lags).toFixed(1),
    "samples stored → accepted, p95": written === undefined ? "" : `at most ${Math.round(written * 1000)} ms`,
  });
  return [
    row("metrics-server and HPA, 15s", theirs.lags),
    ...ours.map((side) => row(`Plimsoll, ${side.resolution}`, side.lags, side.written)),
  ];
}

const requestsOf = ({ programs }: Side): number =>
  programs.reduce((sum, { requestsPerSecond }) => sum + requestsPerSecond, 0);

const programRow = ({ name, cost, requestsPerSecond }: Program): Row =>
  costRow(name, cost, requestsPerSecond);

const costRow = (what: string, { cpu, rss, pss }: Cost, requests?: number): Row => ({
  what,
  "CPU, ms/s": cpu.toFixed(1),
  "RSS, MiB": rss.toFixed(0),
  "PSS, MiB": pss.toFixed(0),
  "requests/s": requests === undefined ? "" : requests.toFixed(2),
});

function ratioRow(name: string, sum: Cost, ours: Ours): Row {
  const cost = addCosts(ours.programs.map((program) => program.cost));
  return {
    what: `Plimsoll at ${ours.resolution} over ${name}`,
    "CPU, ms/s": (cost.cpu / sum.cpu).toFixed(2),
    "RSS, MiB": (cost.rss / sum.rss).toFixed(2),
    "PSS, MiB": (cost.pss / sum.pss).toFixed(2),
    "requests/s": "",
  };
}
