/**
 * How soon a kill for want of memory is in the status of the whole operator.
 */
import { expect, test } from "vitest";
import { must } from "../../../src/base/assert.ts";
import { bytes, minutes, milliUnits, seconds } from "../../../src/base/units.ts";
import type { ScalePolicyStatus } from "../../../src/policy/status.ts";
import type { World } from "../../../src/reconcile/world.ts";
import { workload } from "../../../src/sim/model/blueprint.ts";
import { nameOf } from "../../fail-safe/row.ts";
import { deploymentCalled, operate, steady } from "../../sim/operating.ts";
import { smallWorld } from "../../sim/stage.ts";

const MEBI = 2 ** 20;
const mebi = (amount: number) => milliUnits(amount * MEBI * 1000);

const memoryIn = ({ vertical }: ScalePolicyStatus): string | undefined =>
  vertical?.recommendation?.containerRecommendations[0]?.target.memory;

test(nameOf("F48"), async () => {
  const simulated = smallWorld();
  const { model, time, truth, world } = simulated;
  const limits = { memory: mebi(300) };
  const containers = [
    { name: "app", requests: { cpu: milliUnits(500), memory: mebi(256) }, limits, share: 1 },
  ];
  model.addWorkload(
    workload({ name: "web", ...steady(0.1), containers, memoryBase: bytes(100 * MEBI) }),
    "settled",
  );
  model.apply({
    kind: "ScalePolicy",
    metadata: { namespace: "default", name: "web" },
    spec: { targetRef: deploymentCalled("web"), vertical: {} },
  });
  const kills: number[] = [];
  truth((change) => {
    if (change.kind === "pods" && (change.object?.oomKills.length ?? 0) > 0) kills.push(time.now());
  });
  const shown: { at: number; memory: string | undefined }[] = [];
  const writeStatus: World["api"]["writeStatus"] = async (policy, status, signal) => {
    const outcome = await world.api.writeStatus(policy, status, signal);
    if (outcome.kind === "written") shown.push({ at: time.now(), memory: memoryIn(status) });
    return outcome;
  };
  const operator = operate(simulated, { api: { writeStatus } });
  await time.advance(minutes(10));
  expect(shown.at(-1)?.memory, "the pod's minimum").toBe("250Mi");
  model.setLoad("default", "web", { memory: { kind: "steady", level: 250 * MEBI } });
  await time.advance(minutes(1));
  model.setLoad("default", "web", { memory: { kind: "steady", level: 0 } });
  await time.advance(minutes(20));
  await operator.end();
  const killedAt = must(kills[0], "the container was killed");
  const raised = must(
    shown.find(({ at, memory }) => at >= killedAt && memory !== "250Mi"),
    "it was raised",
  );
  expect(raised.at - killedAt).toBeLessThanOrEqual(seconds(10));
  // 256 MiB and 100 MiB more, in the bucket that ends at 385052143 bytes, with 15 %.
  expect(new Set(shown.filter(({ at }) => at >= raised.at).map(({ memory }) => memory))).toEqual(
    new Set([raised.memory]),
  );
  expect(raised.memory).toBe("442809964");
});
