/**
 * The cluster of the demo, as a scenario: a few dozen workloads of different shapes, and a morning in which
 * things happen to them.
 *
 * Invariant: every workload has a policy of its name, and replicas at the start that fit its load then, so
 * that what moves afterwards moves for a reason.
 */
import { assert } from "../base/assert.ts";
import type { Scenario } from "./scenario/scenario.ts";
import { parseScenario } from "./scenario/scenario.ts";

export function demoFleet(seed: number): Scenario {
  const outcome = parseScenario(FLEET);
  assert(outcome.kind === "scenario", "the demo's own scenario can be read");
  return { ...outcome.scenario, seed };
}

const FLEET = `
nodes 12

# Shop: the day of its visitors, and a sale now and then.
workload shop/web        replicas=8  cpu=500m memory=512Mi start=12s
load     shop/web        trace 0s: 2.4  20m: 5.5  50m: 3.0  80m: 6.5  120m: 2.4
policy   shop/web        min=3 max=30 cpu=60%
workload shop/api        replicas=6  cpu=400m memory=256Mi start=8s
load     shop/api        daily low=1.2 high=4.4 period=50m phase=0.1
policy   shop/api        min=2 max=24 cpu=65%
workload shop/cart       replicas=4  cpu=250m memory=256Mi start=8s
load     shop/cart       bursty low=600m high=2.6 every=18m length=4m
policy   shop/cart       min=2 max=20 cpu=60%
workload shop/checkout   replicas=4  cpu=300m memory=256Mi start=10s
load     shop/checkout   steady 780m
policy   shop/checkout   min=2 max=10 cpu=65%
workload shop/catalog    replicas=5  cpu=400m memory=1Gi start=20s
load     shop/catalog    noisy 1.3 spread=0.15
policy   shop/catalog    min=3 max=12 cpu=65%
workload shop/recommend  replicas=3  cpu=1 memory=2Gi start=40s
load     shop/recommend  daily low=900m high=3.6 period=35m phase=0.05
policy   shop/recommend  min=2 max=10 cpu=55% window=3m

# Pay: never too few.
workload pay/gateway     replicas=6  cpu=500m memory=256Mi start=6s
load     pay/gateway     bursty low=1.3 high=4.0 every=25m length=6m
policy   pay/gateway     min=4 max=20 cpu=50% window=10m
workload pay/ledger      kind=StatefulSet replicas=3 cpu=1 memory=4Gi start=25s
load     pay/ledger      steady 1.7
policy   pay/ledger      kind=StatefulSet min=3 max=7 cpu=60%
workload pay/fraud       replicas=4  cpu=800m memory=1Gi start=30s
load     pay/fraud       noisy 2.1 spread=0.35
policy   pay/fraud       min=2 max=12 cpu=70%
workload pay/invoices    replicas=2  cpu=250m memory=256Mi
load     pay/invoices    growing from=280m per-hour=600m
policy   pay/invoices    min=1 max=12 cpu=70%

# Search.
workload search/query    replicas=9  cpu=500m memory=1Gi start=15s
load     search/query    daily low=1.8 high=5.4 period=70m phase=0.2
policy   search/query    min=3 max=25 cpu=60%
workload search/indexer  replicas=2  cpu=1 memory=1Gi start=10s
load     search/indexer  bursty low=500m high=5 every=30m length=8m
policy   search/indexer  min=1 max=12 cpu=75% window=2m
workload search/suggest  replicas=2  cpu=200m memory=128Mi
load     search/suggest  steady 40m
policy   search/suggest  min=2 max=6 cpu=60%

# Media: big steps.
workload media/thumbs    replicas=3  cpu=500m memory=512Mi start=5s
load     media/thumbs    bursty low=700m high=4.5 every=12m length=3m
policy   media/thumbs    min=1 max=16 cpu=70% window=2m
workload media/transcode replicas=4  cpu=2 memory=2Gi start=15s
load     media/transcode 0s: 5.5  9m: 13  26m: 6  44m: 15  70m: 5
policy   media/transcode min=2 max=14 cpu=75%
workload media/live      replicas=5  cpu=1 memory=1Gi
load     media/live      growing from=3.2 per-hour=6
policy   media/live      min=2 max=9 cpu=70%
workload media/upload    replicas=3  cpu=300m memory=256Mi
load     media/upload    noisy 500m spread=0.2
policy   media/upload    min=2 max=8 cpu=60%

# Jobs.
workload jobs/crawler    replicas=3  cpu=500m memory=512Mi
load     jobs/crawler    steady 900m
policy   jobs/crawler    min=1 max=10 cpu=60%
workload jobs/mailer     replicas=2  cpu=200m memory=128Mi start=4s
load     jobs/mailer     bursty low=150m high=1.4 every=10m length=2m
policy   jobs/mailer     min=1 max=12 cpu=70% window=1m
workload jobs/reports    replicas=3  cpu=1 memory=1Gi
load     jobs/reports    daily low=600m high=3.2 period=45m
policy   jobs/reports    min=1 max=8 cpu=60% mode=Shadow
workload jobs/webhook    replicas=4  cpu=250m memory=128Mi
load     jobs/webhook    noisy 640m spread=0.25
policy   jobs/webhook    min=2 max=10 cpu=65%

# Data: memory as a mark.
workload data/ingest     replicas=5  cpu=1 memory=1Gi start=10s
load     data/ingest     trace 0s: 2.9  15m: 6.8  35m: 2.2  60m: 6
policy   data/ingest     min=3 max=15 cpu=60%
workload data/cache      replicas=3  cpu=250m memory=2Gi start=15s
load     data/cache      steady 350m
memory   data/cache      growing from=3700M per-hour=4500M
policy   data/cache      min=2 max=9 memory=75%
workload data/bridge     kind=StatefulSet replicas=3 cpu=500m memory=1Gi start=12s
load     data/bridge     noisy 850m spread=0.2
policy   data/bridge     kind=StatefulSet min=2 max=6 cpu=60%
workload data/session    replicas=4  cpu=200m memory=1Gi
load     data/session    noisy 300m spread=0.1
memory   data/session    daily low=1200M high=4200M period=55m phase=0.1
policy   data/session    min=2 max=10 cpu=70% memory=70%

# Models.
workload ml/inference    replicas=4  cpu=2 memory=4Gi start=45s
load     ml/inference    daily low=3 high=9 period=60m phase=0.15
policy   ml/inference    min=2 max=10 cpu=65%
workload ml/features     replicas=3  cpu=500m memory=1Gi
load     ml/features     bursty low=800m high=3 every=22m length=5m
policy   ml/features     min=2 max=12 cpu=60%
workload ml/trainer      kind=example.com/v1/Trainer replicas=2 cpu=2 memory=4Gi start=20s
load     ml/trainer      0s: 2.2  18m: 5.2  40m: 2.4
policy   ml/trainer      kind=example.com/v1/Trainer min=1 max=5 cpu=60%

# Edge.
workload edge/auth       replicas=4  cpu=300m memory=128Mi
load     edge/auth       steady 720m
policy   edge/auth       min=3 max=12 cpu=65%
workload edge/proxy      replicas=11 cpu=500m memory=256Mi start=5s
load     edge/proxy      daily low=1.4 high=4.2 period=40m phase=0.3
policy   edge/proxy      min=3 max=18 cpu=60%
workload edge/flags      replicas=2  cpu=100m memory=64Mi
load     edge/flags      steady 20m
policy   edge/flags      min=2 max=4 cpu=70%

# The morning.
at 0s    do break-metrics jobs/crawler
at 5m    do roll-out shop/catalog
at 8m    do roll-out edge/proxy broken
at 14m   do kill-node node-7
at 16m   do scale edge/auth 9
at 20m   do roll-out edge/proxy
at 23m   do revive-node node-7
at 31m   do mend-metrics jobs/crawler
at 33m   do silence-node node-3
at 38m   do unsilence-node node-3
at 41m   do break-metrics search/query
at 46m   do mend-metrics search/query
`;
