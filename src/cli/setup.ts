/**
 * The operator over a simulated cluster: the same composition and the same defaults as the real one. It
 * opens no port, and nobody competes for its Lease.
 */
import { minutes, seconds } from "../base/units.ts";
import type { OperatorSetup } from "../compose.ts";
import { ELECTION_TIMES } from "../reconcile/election/candidacy.ts";
import { VERTICAL_SETTINGS } from "../vertical/recommend.ts";

export const SIMULATED_SETUP: OperatorSetup = {
  identity: "simulated",
  installation: "plimsoll-system/plimsoll",
  election: ELECTION_TIMES,
  decision: {
    horizontal: {
      tolerance: 0.1,
      downscaleStabilization: minutes(5),
      cpuInitializationPeriod: minutes(5),
      initialReadinessDelay: seconds(30),
      arithmetic: "exact",
    },
    vertical: VERTICAL_SETTINGS,
    resolution: seconds(15),
    brakes: { decrease: true, increase: true },
    paced: true,
  },
  nodeSelector: undefined,
  health: undefined,
};
