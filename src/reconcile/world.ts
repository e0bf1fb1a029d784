/**
 * All that the operator's loops touch of the outside. There are two: the real one and the simulated one,
 * and the same composition runs over both.
 */
import type { ScalePort } from "../actuate/port.ts";
import type { ResizePort, TemplatePort } from "../actuate/request-port.ts";
import type { Clock } from "../base/clock.ts";
import type { Random } from "../base/random.ts";
import type { ClusterSource, PodFailureSource } from "../cluster/port.ts";
import type { ReportPort } from "../report/port.ts";
import type { NodeMetricsSource } from "../scrape/port.ts";
import type { LeasePort } from "./port.ts";

export type World = Readonly<{
  clock: Clock;
  random: Random;
  cluster: ClusterSource;
  failures: PodFailureSource;
  kubelets: NodeMetricsSource;
  api: ScalePort & ResizePort & TemplatePort & ReportPort & LeasePort;
}>;
