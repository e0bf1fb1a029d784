/** Our own certificates over years: what is renewed when, and that no client is ever left without trust. */
import { X509Certificate } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { must } from "../../../src/base/assert.ts";
import { epochMillis, minutes } from "../../../src/base/units.ts";
import { KEPT_KEYS, type Kept, LIFETIMES, renewed } from "../../../src/serve/certificate/renewal.ts";

const START = Date.UTC(2026, 10, 25);
const DAY = 86_400_000;
const HOSTS = ["plimsoll.plimsoll-system.svc", "plimsoll.plimsoll-system"];

const at = (days: number, hosts: readonly string[] = HOSTS) => ({
  hosts,
  lifetimes: LIFETIMES,
  now: epochMillis(START + days * DAY),
});
const first = (): Kept => must(renewed({}, at(0)), "there is nothing yet").kept;

/** Whether who trusts `bundle` accepts the certificate for our Service, at a moment. */
function isTrusted(bundle: string, certificate: string, now: number): boolean {
  const leaf = new X509Certificate(certificate);
  const authorities = bundle.match(/-----BEGIN[^-]+-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  const isValid = ({ validFromDate, validToDate }: X509Certificate): boolean =>
    validFromDate.getTime() <= now && now <= validToDate.getTime();
  return (
    isValid(leaf) &&
    leaf.checkHost(HOSTS[0] ?? "") !== undefined &&
    authorities.some((pem) => {
      const authority = new X509Certificate(pem);
      return (
        authority.ca && isValid(authority) && leaf.checkIssued(authority) && leaf.verify(authority.publicKey)
      );
    })
  );
}

describe("from nothing", () => {
  test("an authority and a certificate of it are made, for the names of our Service", () => {
    const kept = first();
    expect(Object.keys(kept)).toEqual([...KEPT_KEYS]);
    expect(isTrusted(kept["ca.crt"], kept["tls.crt"], START)).toBe(true);
    expect(new X509Certificate(kept["tls.crt"]).ca).toBe(false);
    expect(renewed(kept, at(0))).toBeUndefined();
  });

  const good = first();
  test.each<{ when: string; kept: Partial<Kept> }>([
    { when: "it is empty", kept: {} },
    { when: "a part is missing", kept: { ...good, "tls.key": "" } },
    { when: "a part is garbled", kept: { ...good, "ca.crt": "garbage" } },
    { when: "the key is another's", kept: { ...good, "ca.key": first()["ca.key"] } },
    { when: "the certificate is another authority's", kept: { ...first(), "ca.crt": good["ca.crt"], "ca.key": good["ca.key"] } },
  ])("so it is when $when", ({ kept }) => {
    const made = must(renewed(kept, at(0)), "it is made anew");
    expect(made.because).toBe("there was no usable authority");
    expect(isTrusted(made.kept["ca.crt"], made.kept["tls.crt"], START)).toBe(true);
  }); // prettier-ignore
});

describe("a certificate", () => {
  test.each([
    { days: 1, renews: false }, { days: 59, renews: false }, { days: 61, renews: true }, { days: 91, renews: true },
  ])("of 90 days is renewed after $days: $renews", ({ days, renews }) => {
    const kept = first();
    const next = renewed(kept, at(days))?.kept;
    expect(next !== undefined).toBe(renews);
    if (next !== undefined) expect(next["ca.crt"]).toBe(kept["ca.crt"]);
  }); // prettier-ignore

  test("is renewed when the Service gets another name", () => {
    const hosts = ["metrics.plimsoll-system.svc"];
    const next = must(renewed(first(), at(1, hosts)), "a name is missing").kept;
    expect(new X509Certificate(next["tls.crt"]).checkHost("metrics.plimsoll-system.svc")).toBeDefined();
    expect(renewed(next, at(1, hosts))).toBeUndefined();
  });
});

describe("an authority", () => {
  const announced = () => must(renewed(first(), at(800)), "a third of three years is left").kept;

  test("has a next one long before its end, which is trusted and does not sign yet", () => {
    const kept = announced();
    expect(kept["next-ca.key"]).not.toBe("");
    expect(kept["ca.crt"]).toContain(kept["next-ca.crt"]);
    expect(
      new X509Certificate(kept["tls.crt"]).verify(new X509Certificate(kept["next-ca.crt"]).publicKey),
    ).toBe(false);
  });

  test("gives way a day later, and stays trusted", () => {
    const before = must(renewed(announced(), at(800)), "the certificate is old").kept;
    expect(renewed(before, at(800.9))).toBeUndefined();
    const { kept, because } = must(renewed(before, at(801)), "a day has passed");
    expect(because).toBe("the next authority takes over");
    expect(kept["ca.crt"].startsWith(before["next-ca.crt"])).toBe(true);
    expect(isTrusted(kept["ca.crt"], before["tls.crt"], START + 801 * DAY)).toBe(true);
    expect(isTrusted(before["ca.crt"], kept["tls.crt"], START + 801 * DAY)).toBe(true);
  });
});

test("whoever looks at whatever pace, the one who trusts what was kept before accepts what is served next", () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0.1, max: 20, noNaN: true }), { minLength: 100, maxLength: 150 }), (pauses) => {
      let kept = first();
      let day = 0;
      for (const pause of pauses) {
        day += pause;
        // every look may bring one change at most a few times in a row
        for (let next = renewed(kept, at(day)); next !== undefined; next = renewed(kept, at(day))) {
          expect(isTrusted(kept["ca.crt"], next.kept["tls.crt"], START + day * DAY)).toBe(true);
          expect(isTrusted(next.kept["ca.crt"], next.kept["tls.crt"], START + day * DAY)).toBe(true);
          kept = next.kept;
        }
      }
    }),
    { numRuns: 20 },
  );
}); // prettier-ignore

test("an hour is enough for clocks that differ", () => {
  const { validFromDate } = new X509Certificate(first()["tls.crt"]);
  expect(START - validFromDate.getTime()).toBe(minutes(60));
});
