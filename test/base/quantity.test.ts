import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  amountText,
  compareQuantities,
  cpuText,
  memoryText,
  parseQuantity,
  type Quantity,
  quantityAsNumber,
  quantityInMilli,
  quantityText,
  readAmount,
} from "../../src/base/quantity.ts";
import { bytes, milliUnits, nanoCores } from "../../src/base/units.ts";
import { MALFORMED, QUANTITIES } from "./quantity-cases.ts";

const read = (text: string): Quantity => {
  const parsed = parseQuantity(text);
  if (parsed.kind === "malformed") throw new Error(`${text} ${parsed.message}`);
  return parsed.quantity;
};

describe("reading and printing", () => {
  test.each(QUANTITIES)("$text is $nano billionths and prints as $canonical", ({ text, nano, canonical }) => {
    expect(read(text).nano).toBe(nano);
    expect(quantityText(read(text))).toBe(canonical);
  });

  test.each(MALFORMED)("%j is no quantity, and the message says what to write", (text) => {
    const parsed = parseQuantity(text);
    expect(parsed).toEqual({
      kind: "malformed",
      message: expect.stringContaining("such as 250m, 0.5, 2 or 512Mi"),
    });
  });

  test("what would take minutes to compute is refused at once", () => {
    expect(parseQuantity("1e1001").kind).toBe("malformed");
    expect(parseQuantity("1e-99999999999999999999").kind).toBe("malformed");
    expect(parseQuantity("9".repeat(1001)).kind).toBe("malformed");
    expect(parseQuantity("9".repeat(1000)).kind).toBe("quantity");
  });

  test("an amount of 10^21 keeps its exponent, which upstream drops", () => {
    expect(quantityText(read("1000E"))).toBe("1e21");
  });
});

/** Any text of the documented form. */
const texts = fc
  .record({
    sign: fc.constantFrom("", "", "+", "-"),
    whole: fc.stringMatching(/^[0-9]{1,25}$/),
    fraction: fc.oneof(fc.constant(""), fc.stringMatching(/^\.[0-9]{0,15}$/)),
    suffix: fc.oneof(
      fc.constantFrom("", "n", "u", "m", "k", "M", "G", "T", "P", "E", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"),
      fc.tuple(fc.constantFrom("e", "E"), fc.integer({ min: -30, max: 30 })).map(([e, n]) => `${e}${n}`),
    ),
  })
  .map(({ sign, whole, fraction, suffix }) => `${sign}${whole}${fraction}${suffix}`);

const quantities = fc.record({
  nano: fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }),
  format: fc.constantFrom("DecimalSI", "BinarySI", "DecimalExponent"),
}) satisfies fc.Arbitrary<Quantity>;

describe("properties", () => {
  test("printing and reading again changes nothing", () => {
    fc.assert(
      fc.property(texts, (text) => {
        const quantity = read(text);
        const again = read(quantityText(quantity));
        expect(again.nano).toBe(quantity.nano);
        expect(quantityText(again)).toBe(quantityText(quantity));
      }),
    );
  });

  test("what is printed has no fraction, and no more digits than it needs", () => {
    fc.assert(
      fc.property(quantities, (quantity) => {
        expect(quantityText(quantity)).toMatch(/^(0|-?[1-9]\d*([numkMGTPE]|[KMGTPE]i|e-?\d+)?)$/);
        expect(quantityText(quantity)).not.toMatch(/000([a-zA-Z]|$)/);
      }),
    );
  });

  test("order is the order of the numbers, whatever the suffix", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e6 }), fc.integer({ min: 0, max: 1e6 }), (a, b) => {
        const sign = Math.sign(a - b);
        expect(compareQuantities(read(`${a}Mi`), read(`${b * 1024}Ki`))).toBe(sign);
        expect(compareQuantities(read(`${a}`), read(`${b * 1000}m`))).toBe(sign);
        expect(compareQuantities(read(`${a}e3`), read(`${b}k`))).toBe(sign);
      }),
    );
  });

  test("the sign mirrors everything", () => {
    fc.assert(
      fc.property(quantities, ({ nano, format }) => {
        const [plus, minus] = [quantityText({ nano, format }), quantityText({ nano: -nano, format })];
        expect(minus).toBe(nano === 0n ? "0" : plus.startsWith("-") ? plus.slice(1) : `-${plus}`);
      }),
    );
  });

  test("a quantity in thousandths is never less than it was, and less than one thousandth more", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 53n * 1_000_000n }), (nano) => {
        const over = BigInt(quantityInMilli({ nano, format: "DecimalSI" })) * 1_000_000n - nano;
        expect(over >= 0n && over < 1_000_000n).toBe(true);
      }),
    );
  });

  test("the metrics API's texts read back as what was measured", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }), (amount) => {
        expect(read(cpuText(nanoCores(amount))).nano).toBe(BigInt(amount));
        expect(read(memoryText(bytes(amount))).nano).toBe(BigInt(amount) * 1_000_000_000n);
      }),
    );
  });

  test("and are those of any other quantity, however round, however large", () => {
    const factor = fc.constantFrom(1, 10, 1000, 1e6, 1e9, 1024, 2 ** 20, 2 ** 30, 2 ** 44);
    fc.assert(
      fc.property(fc.nat({ max: 2 ** 21 }), factor, (some, times) => {
        const amount = some * times;
        const nano = BigInt(amount);
        expect(cpuText(nanoCores(amount))).toBe(quantityText({ nano, format: "DecimalSI" }));
        expect(memoryText(bytes(amount))).toBe(quantityText({ nano: nano * 10n ** 9n, format: "BinarySI" }));
      }),
    );
  });
});

describe("amounts", () => {
  test.each([
    ["1n", 1],
    ["0.0015", 2],
    ["250m", 250],
    ["1", 1000],
    ["1Ki", 1_024_000],
    ["0", 0],
  ])("%s is %d thousandths", (text, milli) => {
    expect(quantityInMilli(read(text))).toBe(milli);
    expect(readAmount(text)).toBe(milli);
  });

  test("what is larger than int64 saturates and stays finite", () => {
    expect(quantityInMilli(read("1e999"))).toBe(Number(2n ** 63n - 1n));
  });

  test.each([undefined, null, "", "-1", "much", {}, true])("%j is no amount", (text) => {
    expect(readAmount(text)).toBeUndefined();
  });

  test("an amount may be written as a number", () => {
    expect(readAmount(2)).toBe(2000);
    expect(readAmount(0.25)).toBe(250);
  });

  test.each([
    [0, "0"],
    [4_187_234, "4187234n"],
    [500_000_000, "500m"],
    [1_000_000_000, "1"],
    [1_500_000, "1500u"],
    [32_000_000_000_000, "32k"],
  ])("%d nanocores print as %s", (usage, text) => {
    expect(cpuText(nanoCores(usage))).toBe(text);
  });

  test.each([
    [0, "0"],
    [1000, "1k"],
    [1023, "1023"],
    [1024, "1Ki"],
    [1_000_000, "1000000"],
    [325_058_560, "310Mi"],
    [2 ** 40, "1Ti"],
  ])("%d bytes print as %s", (usage, text) => {
    expect(memoryText(bytes(usage))).toBe(text);
  });

  test.each([
    ["cpu", 250, "250m"],
    ["cpu", 2000, "2"],
    ["memory", 1_048_576_000, "1Mi"],
    ["memory", 1500, "1500m"],
  ] as const)("%s of %d thousandths prints as %s", (resource, amount, text) => {
    expect(amountText(resource, milliUnits(amount))).toBe(text);
  });

  test.each([
    ["0.1", 0.1],
    ["100m", 0.1],
    ["5e-2", 0.05],
    ["0", 0],
    ["3", 3],
  ])("%s as a fraction is %d, the nearest double", (text, number) => {
    expect(quantityAsNumber(read(text))).toBe(number);
  });
});
