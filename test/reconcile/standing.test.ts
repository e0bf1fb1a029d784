import { describe, expect, test } from "vitest";
import { type Rivals, standingOf } from "../../src/reconcile/round/standing.ts";
import { aMeta, anAutoscaler, aPolicyObject, aPolicySpec } from "../builders.ts";

const own = aPolicyObject({ name: "own" });
const alone = {
  policies: [{ object: own, spec: aPolicySpec() }],
  autoscalers: [],
  installation: undefined,
} satisfies Rivals;
const rival = (over: Parameters<typeof aPolicySpec>[0], deleting = false) => ({
  object: aPolicyObject({ name: "older", deleting }),
  spec: aPolicySpec(over),
});

describe("who owns a target's replicas", () => {
  test.each<{ when: string; rivals: Rivals; because: string | undefined }>([
    { when: "nobody else is there", rivals: alone, because: undefined },
    {
      when: "an older Active policy is there",
      rivals: { ...alone, policies: [rival({}), ...alone.policies] },
      because: "TargetConflict",
    },
    {
      when: "a younger Active policy is there",
      rivals: { ...alone, policies: [...alone.policies, rival({})] },
      because: undefined,
    },
    {
      when: "the older policy is in Shadow",
      rivals: { ...alone, policies: [rival({ mode: "Shadow" }), ...alone.policies] },
      because: undefined,
    },
    {
      when: "the older policy leaves replicas alone",
      rivals: { ...alone, policies: [rival({ horizontal: undefined }), ...alone.policies] },
      because: undefined,
    },
    {
      when: "the older policy does not parse",
      rivals: { ...alone, policies: [{ object: aPolicyObject(), spec: undefined }, ...alone.policies] },
      because: undefined,
    },
    {
      when: "the older policy is being deleted",
      rivals: { ...alone, policies: [rival({}, true), ...alone.policies] },
      because: undefined,
    },
    {
      when: "another installation works on it",
      rivals: { ...alone, installation: "theirs/plimsoll" },
      because: "OtherInstallation",
    },
    {
      when: "an HPA is there",
      rivals: { ...alone, autoscalers: [anAutoscaler()] },
      because: "ForeignAutoscaler",
    },
    {
      when: "the HPA is being deleted",
      rivals: { ...alone, autoscalers: [anAutoscaler({ meta: aMeta({ deleting: true }) })] },
      because: undefined,
    },
  ])("F35 when $when: $because", ({ rivals, because }) => {
    const standing = standingOf(own, aPolicySpec(), rivals);
    expect(standing.kind === "withheld" ? standing.because : undefined).toBe(because);
  });

  test.each(["Shadow", "Paused"] as const)(
    "a policy in mode %s writes nothing, whoever else is there",
    (mode) => {
      const beside: Rivals = {
        policies: [rival({})],
        autoscalers: [anAutoscaler()],
        installation: "theirs/a",
      };
      expect(standingOf(own, aPolicySpec({ mode }), beside)).toMatchObject({
        kind: "withheld",
        because: mode,
      });
    },
  );

  test("the message names the other and says what to do", () => {
    const byKeda = { ...alone, autoscalers: [anAutoscaler({ ownerKind: "ScaledObject" })] };
    expect(standingOf(own, aPolicySpec(), byKeda)).toMatchObject({
      message:
        "HorizontalPodAutoscaler shop/web-hpa (made by a ScaledObject) scales this target: on standby until it is deleted",
    });
    const conflict = { ...alone, policies: [rival({}), ...alone.policies] };
    expect(standingOf(own, aPolicySpec(), conflict)).toMatchObject({
      message: expect.stringMatching(/^ScalePolicy shop\/older is older .*set its mode to Shadow$/),
    });
  });
});
