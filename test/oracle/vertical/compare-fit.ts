/** Our fitting to LimitRanges, our limits and our buckets beside the VPA's. */
import type { RequestAmounts } from "../../../src/base/units.ts";
import { bytes, milliCores } from "../../../src/base/units.ts";
import { bucketOf, CPU_BUCKETS, endOf, MEMORY_BUCKETS } from "../../../src/usage/history/buckets.ts";
import { AMOUNT_MAX } from "../../../src/vertical/amount.ts";
import type { PodContainer } from "../../../src/vertical/limit-range.ts";
import { fitToPod, mergeLimitRanges } from "../../../src/vertical/limit-range.ts";
import { exactLimit, proportionalLimit } from "../../../src/vertical/proportional.ts";
import type { Verdict } from "../verdict.ts";
import { equal } from "../verdict.ts";
import type { AmountsCase, BucketCase, FitAmounts, FitCase, VpaAnswers } from "./case.ts";
import { different, named, NAMES, RESOURCES, worstOf } from "./names.ts";
import { amountsOfCase, policyOfCase } from "./replay.ts";

export function compareFit(asked: FitCase, upstream: VpaAnswers["fit"]): Verdict {
  if (upstream.panic !== undefined)
    return asked.containers.some((each) => each.recommended === null) &&
      asked.limitRanges.some((range) => range.type === "Pod")
      ? named("panic")
      : different("panic", undefined, upstream.panic);
  const ranges = (type: "Pod" | "Container") =>
    mergeLimitRanges(
      asked.limitRanges
        .filter((range) => range.type === type && [range.min, range.max, range.default].some(hasAny))
        .map((range) => ({
          min: amountsOfCase(range.min),
          max: amountsOfCase(range.max),
          default: amountsOfCase(range.default),
        })),
    );
  const perContainer = ranges("Container");
  const containers = asked.containers.map(({ name, requests, limits, recommended }) => ({
    container: name,
    requests: amountsOfCase(requests),
    limits: amountsOfCase(limits),
    recommended: recommended === null ? undefined : boundsOf(recommended),
  }));
  const fitted = fitToPod({
    spec: { containers: asked.policies.map(policyOfCase) },
    pod: ranges("Pod"),
    perContainer,
    containers,
  });
  const verdicts = containers
    .filter(({ recommended }) => recommended !== undefined)
    .map((container) => {
      const ours = fitted.get(container.container)!;
      const theirs = upstream.fitted?.[container.container];
      const limits = limitsOf(container, ours.target, perContainer?.default ?? {});
      return compareFitted(
        { target: ours.target, lower: ours.lowerBound, upper: ours.upperBound, limits },
        theirs && { ...theirs, limits: upstream.limits?.[container.container] ?? {} },
      );
    });
  const verdict = worstOf(verdicts);
  const isBeyond = containers.some((container) =>
    hasLimitBeyondInt64(container, perContainer?.default ?? {}),
  );
  return verdict.kind === "different" && isBeyond ? named("saturated") : verdict;
}

function hasLimitBeyondInt64(
  { requests, limits, recommended }: PodContainer,
  defaults: RequestAmounts,
): boolean {
  return RESOURCES.some((resource) => {
    const of = { request: requests[resource], limit: limits[resource], defaultLimit: defaults[resource] };
    const wanted = [recommended?.target, recommended?.lowerBound, recommended?.upperBound];
    return wanted.some((amounts) => (exactLimit(of, amounts?.[resource]) ?? 0n) >= 2n ** 63n);
  });
}

type Fitted = FitAmounts & Readonly<{ limits: AmountsCase }>;

function compareFitted(ours: Fitted, theirs: Fitted | undefined): Verdict {
  if (theirs === undefined) return different("fit", ours, theirs);
  const names = (["target", "lower", "upper", "limits"] as const).flatMap((field) =>
    RESOURCES.flatMap((resource) => {
      const [own, their] = [ours[field][resource], theirs[field][resource]];
      return own === their ? [] : (nameOf(own, their) ?? (field === "limits" ? "limits" : "unexplained"));
    }),
  );
  const [name] = names;
  if (name === undefined) return equal(false);
  // A limit follows from the target, so what explains that explains it too.
  const isExplained = name !== "limits" && !names.includes("unexplained");
  return isExplained ? { kind: "named", name } : different("fit", ours, theirs);
}

function nameOf(own: number | undefined, their: number | undefined): string | undefined {
  if (own === undefined) return NAMES.writes;
  if (own === 0 && their === -1) return NAMES.minusOne;
  return own === AMOUNT_MAX && their !== undefined && their > AMOUNT_MAX ? NAMES.saturated : undefined;
}

function limitsOf(
  { requests, limits }: Readonly<{ requests: RequestAmounts; limits: RequestAmounts }>,
  target: RequestAmounts,
  defaults: RequestAmounts,
): AmountsCase {
  return Object.fromEntries(
    RESOURCES.flatMap((resource) => {
      const original = {
        request: requests[resource],
        limit: limits[resource],
        defaultLimit: defaults[resource],
      };
      const limit = proportionalLimit(original, target[resource]);
      return limit === undefined ? [] : [[resource, limit]];
    }),
  );
}

const boundsOf = ({ target, lower, upper }: FitAmounts) => ({
  target: amountsOfCase(target),
  lowerBound: amountsOfCase(lower),
  upperBound: amountsOfCase(upper),
});

const hasAny = (amounts: AmountsCase): boolean => Object.keys(amounts).length > 0;

export function compareBucket(asked: BucketCase, upstream: BucketCase): Verdict {
  const ours = {
    cpu: asked.cpu.map((amount) => endOf(CPU_BUCKETS, bucketOf(CPU_BUCKETS, milliCores(amount)))),
    memory: asked.memory.map((amount) => endOf(MEMORY_BUCKETS, bucketOf(MEMORY_BUCKETS, bytes(amount)))),
  };
  return JSON.stringify(ours) === JSON.stringify(upstream)
    ? equal(false)
    : different("bucket", ours, upstream);
}
