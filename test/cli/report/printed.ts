/**
 * One report that has every kind of row, for tests of what formats make of it.
 */
import { bytes, epochMillis } from "../../../src/base/units.ts";
import type { Printed } from "../../../src/cli/report/printed.ts";
import { DEFAULT_PRICES } from "../../../src/rightsizing/judge/money.ts";
import type { GroupBy } from "../../../src/rightsizing/report.ts";
import {
  aContainer, aMark, amounts, aScaler, aSubject, DAY, type Loaded, MIB, NOW, reportOn, STEP, steady,
} from "../../rightsizing/subjects.ts"; // prettier-ignore

/** Names that only a hostile API server lets through; a report survives them. */
export const HOSTILE = {
  namespace: "=cmd|' /C calc'!A0",
  name: "<script>alert(1)</script>",
  container: "a|b`c\u001b[31m\u202e*d*",
};

const LOADED: Loaded = [
  [aSubject({ labels: { team: "shop" }, scalers: [aScaler({ lastScaledAt: undefined })] }), steady(100, 300)],
  [
    aSubject({
      name: "worker",
      labels: { team: "shop" },
      replicas: 9,
      containers: [
        aContainer({ requests: amounts(1000, 4096), limits: amounts(2000, 4096) }),
        aContainer({ name: "log-shipper", role: "sidecar", requests: amounts(50, 64) }),
      ],
    }),
    steady(60, 200),
  ],
  [
    aSubject({
      namespace: "jobs",
      kind: "StatefulSet",
      name: "crawler",
      containers: [
        aContainer({
          requests: amounts(100, 256),
          limits: amounts(undefined, 256),
          restarts: 7,
          oomKills: [{ pod: "crawler-0", at: epochMillis(NOW - DAY), request: bytes(200 * MIB) }],
        }),
      ],
    }),
    steady(180, 250),
  ],
  [aSubject({ namespace: "jobs", name: "new", replicas: 1 }), undefined],
  [
    aSubject({ namespace: "jobs", name: "bare", replicas: 2, containers: [aContainer({ requests: {} })] }),
    steady(20, 100),
  ],
  [
    aSubject({
      namespace: "media",
      name: "transcode-with-a-name-that-is-longer-than-most-people-would-like-it-to-be",
      replicas: 6,
      scalers: [
        aScaler({ kind: "ScalePolicy", name: "transcode", minReplicas: 6, marks: [aMark({ percent: 95 })] }),
      ],
      containers: [aContainer({ requests: amounts(2000, 2048), limits: amounts(2000, 2048) })],
    }),
    steady(300, 1900),
  ],
];

export function aPrinted({
  hostile = false,
  groupBy,
}: Readonly<{ hostile?: boolean; groupBy?: GroupBy }> = {}): Printed {
  const evil = aSubject({
    namespace: HOSTILE.namespace,
    name: HOSTILE.name,
    containers: [aContainer({ name: HOSTILE.container })],
    labels: { team: HOSTILE.name },
    scalers: [aScaler({ name: HOSTILE.name, minReplicas: 3 })],
  });
  const loaded: Loaded = hostile ? [[evil, steady(100, 300)]] : LOADED;
  return {
    now: NOW,
    report: reportOn(loaded, { groupBy }),
    prices: DEFAULT_PRICES,
    history: {
      source: hostile ? HOSTILE.name : "Prometheus at http://localhost:9090",
      span: { from: epochMillis(NOW - 8 * DAY), to: NOW, moments: 2305, step: STEP },
      step: STEP,
    },
    problems: hostile
      ? [HOSTILE.name]
      : ["cronjobs cannot be read, so the report lacks CronJobs between two runs: forbidden"],
  };
}
