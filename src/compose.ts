/**
 * The operator, tied together over whatever world it is given. Nothing here decides anything, and nothing
 * here knows whether the world is the real one.
 *
 * Invariant: at the end, deciding stops first, what is under way finishes, and the Lease is let go last.
 */
import type { Log } from "./base/log.ts";
import { WritePace } from "./actuate/write-pace.ts";
import type { Clock } from "./base/clock.ts";
import { objectKey } from "./base/ids.ts";
import type { Meter } from "./base/meter.ts";
import { seconds } from "./base/units.ts";
import { type Cluster, createCluster } from "./cluster/cluster.ts";
import { keyOf } from "./cluster/object.ts";
import { runCluster } from "./cluster/driver.ts";
import { parseSelector, type Selector } from "./cluster/selector.ts";
import type { NodesHeard } from "./coordinate/question.ts";
import { createElection, type Election } from "./reconcile/election/driver.ts";
import type { ElectionTimes } from "./reconcile/election/candidacy.ts";
import { Reconciler } from "./reconcile/driver.ts";
import { type IsNews, wokenBy } from "./reconcile/due/waking.ts";
import { Fleet } from "./reconcile/fleet.ts";
import { PolicyStates } from "./reconcile/policy-state.ts";
import { Reporter } from "./reconcile/report-driver.ts";
import type { DecisionSettings } from "./reconcile/settings.ts";
import { Stalls } from "./reconcile/stalls.ts";
import { Applier } from "./reconcile/vertical/applier-driver.ts";
import { HistoryKeeper, type HistoryKeeperParts } from "./reconcile/vertical/history-driver.ts";
import { Recommender } from "./reconcile/vertical/recommender.ts";
import type { World } from "./reconcile/world.ts";
import { foreignPodsEvent } from "./report/events.ts";
import type { DecisionRecord } from "./report/record.ts";
import { PolicyGauges } from "./report/measure/policies.ts";
import { createScraper, type Scraper } from "./scrape/driver.ts";
import type { Facts } from "./serve/facts.ts";
import { watchEventLoop } from "./serve/event-loop.ts";
import { type Listening, listenProbes } from "./serve/listen.ts";
import { createMeter } from "./serve/meter.ts";
import { createMetricsApi } from "./serve/metrics-api/api.ts";
import { METRICS_GROUP } from "./serve/metrics-api/group.ts";
import { createProbeRoute, createRoutes, type ProbeRoute } from "./serve/routes.ts";
import { createPages } from "./serve/secure/pages.ts";
import { openServing, type Serving, type ServingPorts, type ServingSetup } from "./serve/secure/serving.ts";
import { createStore, type Store } from "./store/store.ts";
import { createHistoryStore, type HistoryReader } from "./usage/history/store.ts";
import { VERSION } from "./version.ts";

export type OperatorSetup = Readonly<{
  /** Unique to this process: the Lease's holder. */
  identity: string;
  /** The same for all replicas that share a Lease, and for nobody else: its namespace/name. */
  installation: string;
  election: ElectionTimes;
  decision: DecisionSettings;
  /** Labels of the nodes to ask; undefined asks all. */
  nodeSelector: string | undefined;
  /** Where probes are answered; undefined opens no port. */
  health: Readonly<{ host: string; port: number }> | undefined;
}>;

/** What serving the metrics API needs of the world, and how it is set up. */
export type Secure = Readonly<{ ports: ServingPorts; setup: ServingSetup }>;

export type Composition = Readonly<{
  world: World;
  setup: OperatorSetup;
  /** undefined opens no secure port. */
  secure?: Secure | undefined;
  log: Log;
  /** Every decision's record, as it is made. */
  observe?: ((record: DecisionRecord) => void) | undefined;
  signal: AbortSignal;
}>;

/** Where no secure port is open, nobody could read the figures. */
const NOT_MEASURED: ReturnType<typeof createMeter> = {
  meter: { count: () => undefined, set: () => undefined, observe: () => undefined, forget: () => undefined },
  render: () => Promise.resolve(""),
};

export type Ending =
  | Readonly<{ kind: "ended" }>
  | (Extract<Listening, { kind: "failed" }> & Readonly<{ port: "health" | "secure" }>);

/** Runs until `signal` aborts and everything has been put down; rejects only on a bug. */
export async function runOperator(composition: Composition): Promise<Ending> {
  const { world, setup, log, signal } = composition;
  const { clock, random, api } = world;
  const figures = composition.secure === undefined ? NOT_MEASURED : createMeter();
  const { meter } = figures;
  const finished = new AbortController();
  const breakOff = breakOffAfter(signal, { clock, finished: finished.signal });
  const election = createElection(
    { clock, random, lease: api, log, meter, signal: breakOff },
    { identity: setup.identity, times: setup.election },
  );
  const river = createRiver(composition, { meter, election, breakOff });
  const { reconciler, reporter, cluster, scraper, keeper } = river;
  const doors = await openDoors(composition, { river, figures, election });
  if (doors.kind === "failed") return doors;
  const onLeading = (leading: boolean): void => {
    if (leading) reconciler.begin();
    else reconciler.end();
  };
  const served = doors.serving?.run(signal);
  await Promise.all([
    runCluster({ cluster, source: world.cluster, clock, log, meter }, signal),
    world.failures.follow((pod) => reconciler.killed(keeper.sawFailed(pod)), signal),
    scraper.run(signal),
    keeper.run(signal),
    election.run(onLeading, signal),
    reconciler.run(signal),
    reporter.run(signal),
  ]);
  await reporter.flush();
  await election.release();
  finished.abort();
  await Promise.all([doors.probesClosed, served]);
  return { kind: "ended" };
}

/**
 * What is under way when the end comes may finish for this long, and is broken off then, so that the Lease is
 * let go in time.
 */
const FINISH_WITHIN = seconds(3);

/** Aborts when the end came `FINISH_WITHIN` ago; `finished` spares the wait. */
function breakOffAfter(
  signal: AbortSignal,
  { clock, finished }: Readonly<{ clock: Clock; finished: AbortSignal }>,
): AbortSignal {
  const breakOff = new AbortController();
  const begin = (): void => void clock.sleep(FINISH_WITHIN, finished).then(() => breakOff.abort());
  if (signal.aborted) begin();
  else signal.addEventListener("abort", begin, { once: true });
  return breakOff.signal;
}

type River = Readonly<{
  reconciler: Reconciler;
  reporter: Reporter;
  cluster: Cluster;
  scraper: Scraper;
  keeper: HistoryKeeper;
  samples: Store["reader"];
  nodeSelector: Selector | undefined;
}>;

/** The stages, each handed the one before it. */
function createRiver(
  { world, setup, log, observe = () => undefined }: Composition,
  { meter, election, breakOff }: Readonly<{ meter: Meter; election: Election; breakOff: AbortSignal }>,
): River {
  const { clock, api } = world;
  const { resolution } = setup.decision;
  const cluster = createCluster((change) => {
    const isNews: IsNews = (policy) => states.shown(policy, clock.mono());
    for (const waking of wokenBy(view, change, isNews)) reconciler.wake(waking);
    if (change.kind === "pods") reconciler.killed(keeper.saw(change));
  });
  const { view } = cluster;
  const store = createStore({ resolution });
  const { keeper, recommender, histories } = createMemory(
    { view, samples: store.reader, clock, meter },
    setup,
  );
  const nodeSelector = setup.nodeSelector === undefined ? undefined : parseSelector(setup.nodeSelector);
  const scraper = createScraper({
    clock,
    log,
    meter,
    source: world.kubelets,
    nodes: view.of.nodes,
    podByName: (namespace, name) => view.of.pods.get(objectKey(namespace, name)),
    writer: store.writer,
    points: store.points,
    resolution,
    nodeSelector,
    onAnswer: (node, renewed) => reconciler.heard(node, renewed.length > 0),
    tell(node, { message }) {
      const meta = view.of.nodes.get(objectKey("", node))?.meta;
      return meta !== undefined && reporter.tellOfNode(foreignPodsEvent(meta, message, clock.wall()));
    },
  });
  const states = new PolicyStates(setup.installation);
  const reporter = new Reporter({
    clock,
    api,
    leadership: election,
    policies: view.of.scalepolicies,
    missed: (policy) => states.missing.missed(policy, clock.mono()),
    taken(policy, resourceVersion) {
      states.others.wrote(policy.uid, resourceVersion);
      if (states.missing.found(policy.uid))
        reconciler.wake({ policy: keyOf({ meta: policy }), trigger: "policy-changed" });
    },
    installation: setup.installation,
    log,
    meter,
    signal: breakOff,
  });
  const nodesHeard = (): NodesHeard => heardBy(scraper, clock);
  const reconciler = new Reconciler({
    clock,
    scales: api,
    sources: { view, samples: store.reader, nodesHeard, settings: setup.decision },
    leadership: election,
    states,
    fleet: new Fleet(),
    pace: new WritePace(setup.decision.paced),
    stalls: new Stalls(resolution),
    recommender,
    applier: new Applier({ clock, view, histories, api }),
    signal: breakOff,
    reporter,
    gauges: new PolicyGauges(meter),
    log,
    meter,
    resolution,
    observe,
  });
  return { reconciler, reporter, cluster, scraper, keeper, samples: store.reader, nodeSelector };
}

function heardBy(scraper: Scraper, clock: Clock): NodesHeard {
  const { expected, silent } = scraper.silentNodes(clock.mono());
  return { knownCount: expected, silent };
}

/** What workloads used over days, and what follows from it for their requests. */
function createMemory(
  parts: Omit<HistoryKeeperParts, "histories">,
  { decision: settings }: OperatorSetup,
): Readonly<{ keeper: HistoryKeeper; recommender: Recommender; histories: HistoryReader }> {
  const histories = createHistoryStore();
  const keeper = new HistoryKeeper({ ...parts, histories });
  const recommender = new Recommender({ view: parts.view, keeper, histories, settings });
  return { keeper, recommender, histories };
}

type Figures = ReturnType<typeof createMeter>;
type Inside = Readonly<{ river: River; figures: Figures; election: Election }>;
type Doors =
  | Readonly<{ kind: "open"; serving: Serving | undefined; probesClosed: Promise<void> | undefined }>
  | Extract<Ending, { kind: "failed" }>;

/** Opens the ports that are wanted. */
async function openDoors(composition: Composition, inside: Inside): Promise<Doors> {
  const { setup, signal, log } = composition;
  // probes ask about the secure port, and the secure port answers probes
  const opened: { serving?: Serving | undefined } = {};
  const facts = factsOf(composition, inside, () => opened.serving?.trouble());
  const probe = createProbeRoute(facts, log);
  const serving = await openSecurely(composition, inside, { facts, probe });
  opened.serving = serving;
  if (serving?.listening.kind === "failed") return { ...serving.listening, port: "secure" };
  if (setup.health === undefined) return { kind: "open", serving, probesClosed: undefined };
  const probes = await listenProbes({ ...setup.health, routes: createRoutes(probe), signal, log });
  if (probes.kind === "failed") return { ...probes, port: "health" };
  return { kind: "open", serving, probesClosed: probes.closed };
}

function factsOf(
  { world: { clock }, setup, log, signal, secure }: Composition,
  { river: { cluster, scraper }, election }: Inside,
  serving: Facts["serving"],
): Facts {
  const isAsked = setup.health !== undefined || secure !== undefined;
  return {
    version: VERSION,
    now: () => clock.mono(),
    caches: cluster.view.of,
    scraping: {
      resolution: setup.decision.resolution,
      lastRoundStartedAt: () => scraper.lastRound()?.startedAt,
    },
    eventLoop: isAsked ? watchEventLoop(signal, log) : { stalled: () => false },
    leadership: () => election.term(),
    serving,
    stopping: () => signal.aborted,
  };
}

async function openSecurely(
  { world: { clock }, setup, secure, log, signal }: Composition,
  { river: { cluster, samples, scraper, nodeSelector }, figures, election }: Inside,
  { facts, probe }: Readonly<{ facts: Facts; probe: ProbeRoute }>,
): Promise<Serving | undefined> {
  if (secure === undefined) return undefined;
  const { meter, render } = figures;
  const { resolution } = setup.decision;
  const parts = { view: cluster.view, samples, nodeSelector, clock, meter, resolution, version: VERSION };
  const api = createMetricsApi({ ...parts, round: () => scraper.lastRound() });
  const pages = createPages({ facts, probe, meter, render });
  const leads = (): boolean => election.term() !== undefined;
  const hasFigures = (): boolean => api.waiting() === undefined;
  const { versions } = METRICS_GROUP;
  const serving = { ...secure, clock, log, meter, api: api.routes, pages, leads, hasFigures, versions };
  return openServing(serving, signal);
}
