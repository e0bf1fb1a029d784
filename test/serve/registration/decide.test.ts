import { describe, expect, test } from "vitest";
import { decideRegistration, type MetricsApiMode } from "../../../src/serve/registration/decide.ts";
import type { Registration } from "../../../src/serve/registration/port.ts";

const OURS = { namespace: "plimsoll-system", name: "plimsoll", port: 443 };
const THEIRS = { namespace: "kube-system", name: "metrics-server", port: 443 };
const CA = "-----BEGIN CERTIFICATE-----\nours\n-----END CERTIFICATE-----\n";

const registration = (version: string, over: Partial<Registration> = {}): Registration => ({
  version, resourceVersion: "7", service: OURS, authorities: CA, insecure: false, replaced: undefined, ...over,
}); // prettier-ignore

type Seen = "none" | "ours" | "taken" | "theirs" | "local" | "stale" | "insecure" | "other-port";
const SEEN: Readonly<Record<Exclude<Seen, "none">, Partial<Registration>>> = {
  ours: {},
  taken: { replaced: "{}" },
  theirs: { service: THEIRS, authorities: "", insecure: true },
  local: { service: undefined },
  stale: { authorities: "another" },
  insecure: { insecure: true },
  "other-port": { service: { ...OURS, port: 8443 } },
};

function decide(
  mode: MetricsApiMode,
  seen: Readonly<Record<"v1" | "v1beta1", Seen>>,
  {
    authorities = CA,
    hasService = true,
  }: Readonly<{ authorities?: string | undefined; hasService?: boolean }> = {},
) {
  const registered = new Map(
    Object.entries(seen).map(([version, what]) => [
      version,
      what === "none" ? undefined : registration(version, SEEN[what]),
    ]),
  );
  const { standing, acts } = decideRegistration(
    mode,
    { registered, hasService },
    { service: OURS, authorities },
  );
  return {
    standing: standing.kind,
    acts: acts.map((act) => `${act.act} ${act.act === "create" ? act.version : act.registration.version}`),
  };
}

describe.each<{ mode: MetricsApiMode; v1: Seen; v1beta1: Seen; standing: string; acts: string[] }>([
  { mode: "Auto", v1: "none", v1beta1: "none", standing: "ours", acts: ["create v1", "create v1beta1"] },
  { mode: "Auto", v1: "ours", v1beta1: "ours", standing: "ours", acts: [] },
  { mode: "Auto", v1: "ours", v1beta1: "none", standing: "ours", acts: ["create v1beta1"] },
  { mode: "Auto", v1: "stale", v1beta1: "ours", standing: "ours", acts: ["update v1"] },
  { mode: "Auto", v1: "ours", v1beta1: "insecure", standing: "ours", acts: ["update v1beta1"] },
  { mode: "Auto", v1: "other-port", v1beta1: "ours", standing: "ours", acts: ["update v1"] },
  { mode: "Auto", v1: "none", v1beta1: "theirs", standing: "left-to-other", acts: [] },
  { mode: "Auto", v1: "theirs", v1beta1: "none", standing: "left-to-other", acts: [] },
  { mode: "Auto", v1: "ours", v1beta1: "theirs", standing: "left-to-other", acts: ["remove v1"] },
  { mode: "Auto", v1: "none", v1beta1: "local", standing: "left-to-other", acts: [] },
  { mode: "Auto", v1: "taken", v1beta1: "taken", standing: "ours", acts: [] },
  {
    mode: "Always",
    v1: "none",
    v1beta1: "theirs",
    standing: "ours",
    acts: ["create v1", "take-over v1beta1"],
  },
  { mode: "Always", v1: "ours", v1beta1: "taken", standing: "ours", acts: [] },
  {
    mode: "Always",
    v1: "stale",
    v1beta1: "local",
    standing: "ours",
    acts: ["update v1", "take-over v1beta1"],
  },
  { mode: "Off", v1: "none", v1beta1: "none", standing: "off", acts: [] },
  { mode: "Off", v1: "ours", v1beta1: "taken", standing: "off", acts: ["remove v1", "give-back v1beta1"] },
  { mode: "Off", v1: "ours", v1beta1: "theirs", standing: "off", acts: ["remove v1"] },
])("$mode, v1 $v1, v1beta1 $v1beta1", ({ mode, v1, v1beta1, standing, acts }) => {
  test(`is ${standing}: ${acts.join(", ") || "nothing to do"}`, () => {
    expect(decide(mode, { v1, v1beta1 })).toEqual({ standing, acts });
  });
});

describe.each<{ mode: MetricsApiMode; v1: Seen; v1beta1: Seen; standing: string; acts: string[] }>([
  { mode: "Auto", v1: "none", v1beta1: "none", standing: "no-service", acts: [] },
  {
    mode: "Auto",
    v1: "ours",
    v1beta1: "stale",
    standing: "no-service",
    acts: ["remove v1", "remove v1beta1"],
  },
  { mode: "Auto", v1: "ours", v1beta1: "theirs", standing: "no-service", acts: ["remove v1"] },
  { mode: "Always", v1: "none", v1beta1: "theirs", standing: "no-service", acts: [] },
  {
    mode: "Always",
    v1: "ours",
    v1beta1: "taken",
    standing: "no-service",
    acts: ["remove v1", "give-back v1beta1"],
  },
  { mode: "Off", v1: "none", v1beta1: "taken", standing: "off", acts: ["give-back v1beta1"] },
])("without our Service: $mode, v1 $v1, v1beta1 $v1beta1", ({ mode, v1, v1beta1, standing, acts }) => {
  test(`is ${standing}: ${acts.join(", ") || "nothing to do"}`, () => {
    expect(decide(mode, { v1, v1beta1 }, { hasService: false })).toEqual({ standing, acts });
  });
});

test("a Service that is missing is named, with the version that was not announced for it", () => {
  const registered = new Map([["v1", undefined]]);
  const wanted = { service: OURS, authorities: CA };
  expect(decideRegistration("Auto", { registered, hasService: false }, wanted).standing).toEqual({
    kind: "no-service",
    version: "v1",
    service: "plimsoll-system/plimsoll",
  });
});

test("a certificate of unknown authority leaves caBundle to who keeps it", () => {
  const registered = new Map([["v1", registration("v1", SEEN.stale)]]);
  expect(decide("Auto", { v1: "stale", v1beta1: "ours" }).acts).toEqual(["update v1"]);
  const wanted = { service: OURS, authorities: undefined };
  expect(decideRegistration("Auto", { registered, hasService: true }, wanted).acts).toEqual([]);
});
