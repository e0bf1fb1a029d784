import { describe, expect, test } from "vitest";
import { REQUESTED_AT, decode, newDecoder, print } from "./answers.ts";

const CPU = "container_cpu_usage_seconds_total";
const MEMORY = "container_memory_working_set_bytes";
const START = "container_start_time_seconds";
const WEB = '{container="app",namespace="shop",pod="web"}';
const NONE = Number.NaN;

/** The row of shop/web/app; every field that is not named is missing. */
const web = (row: Partial<Record<"cpu" | "memory" | "at" | "start", number>>) => ({
  "shop/web/app": { cpu: NONE, memory: NONE, at: NONE, start: NONE, ...row },
});

describe("a line that counts", () => {
  test.each([
    { when: "CPU in seconds", text: `${CPU}${WEB} 412.870331 1790000012345`, rows: web({ cpu: 412_870_331_000, at: 1_790_000_012_345 }) },
    { when: "CPU with an exponent", text: `${CPU}${WEB} 1.5e+06 7`, rows: web({ cpu: 1.5e15, at: 7 }) },
    { when: "CPU below a nanosecond", text: `${CPU}${WEB} 9e-10 7`, rows: web({ cpu: 0, at: 7 }) },
    { when: "CPU truncated, not rounded", text: `${CPU}${WEB} 1.9999999999 7`, rows: web({ cpu: 1_999_999_999, at: 7 }) },
    { when: "CPU that double arithmetic makes one less", text: `${CPU}${WEB} 1.001 7`, rows: web({ cpu: Math.trunc(1.001 * 1e9), at: 7 }) },
    { when: "17 digits, correctly rounded", text: `${CPU}${WEB} 1.7955770309718857e+06 7`, rows: web({ cpu: Math.trunc(1795577.0309718857 * 1e9), at: 7 }) },
    { when: "memory with an exponent", text: `${MEMORY}${WEB} 8.495104e+06 7`, rows: web({ memory: 8_495_104, at: 7 }) },
    { when: "memory truncated", text: `${MEMORY}${WEB} 1024.9 7`, rows: web({ memory: 1024, at: 7 }) },
    { when: "memory below a byte", text: `${MEMORY}${WEB} 0.5 7`, rows: web({ memory: 0, at: 7 }) },
    { when: "no stamp: when it was requested", text: `${CPU}${WEB} 1`, rows: web({ cpu: 1e9, at: REQUESTED_AT }) },
    { when: "a stamp with leading zeros", text: `${CPU}${WEB} 1 0007`, rows: web({ cpu: 1e9, at: 7 }) },
    { when: "a start, in nanoseconds", text: `${START}${WEB} 1.789991204513022e+09`, rows: web({ start: Math.trunc(1789991204.513022 * 1e9) }) },
    { when: "a stamp on the start, which says nothing", text: `${START}${WEB} 12 7`, rows: web({ start: 12e9 }) },
    { when: "labels in another order", text: `${CPU}{pod="web",container="app",namespace="shop"} 1 7`, rows: web({ cpu: 1e9, at: 7 }) },
    { when: "more labels", text: `${CPU}{id="/x",container="app",namespace="shop",pod="web",zone="b"} 1 7`, rows: web({ cpu: 1e9, at: 7 }) },
    { when: "a label that ends like another", text: `${CPU}{init_container="no",container="app",namespace="shop",a_pod="no",pod="web"} 1 7`, rows: web({ cpu: 1e9, at: 7 }) },
    { when: "an escaped quote in another label", text: `${CPU}{a="x\\",pod=\\"evil",container="app",namespace="shop",pod="web"} 1 7`, rows: web({ cpu: 1e9, at: 7 }) },
    { when: "a brace in another label", text: `${CPU}{a="}",container="app",namespace="shop",pod="web"} 1 7`, rows: web({ cpu: 1e9, at: 7 }) },
    { when: "a comma at the end of the labels", text: `${CPU}{container="app",namespace="shop",pod="web",} 1 7`, rows: web({ cpu: 1e9, at: 7 }) },
    { when: "blanks within the labels", text: `${CPU}{ container = "app" , namespace="shop", pod="web" } 1 7`, rows: web({ cpu: 1e9, at: 7 }) },
    { when: "tabs and blanks between the columns", text: `${CPU}${WEB} \t 1 \t 7 `, rows: web({ cpu: 1e9, at: 7 }) },
    { when: "no blank before the value", text: `${CPU}${WEB}1 7`, rows: web({ cpu: 1e9, at: 7 }) },
    { when: "a plus", text: `${CPU}${WEB} +1 7`, rows: web({ cpu: 1e9, at: 7 }) },
    { when: "no digit before the point", text: `${CPU}${WEB} .5 7`, rows: web({ cpu: 5e8, at: 7 }) },
    { when: "no digit behind the point", text: `${CPU}${WEB} 5. 7`, rows: web({ cpu: 5e9, at: 7 }) },
    { when: "minus zero", text: `${MEMORY}${WEB} -0 7`, rows: web({ memory: 0, at: 7 }) },
    { when: "an empty container name", text: `${CPU}{container="",namespace="shop",pod="web"} 1 7`, rows: { "shop/web/": { cpu: 1e9, memory: NONE, at: 7, start: NONE } } },
    { when: "escapes in a name", text: `${CPU}{container="a\\"b\\\\c\\n",namespace="shop",pod="web"} 1 7`, rows: { 'shop/web/a"b\\c\n': { cpu: 1e9, memory: NONE, at: 7, start: NONE } } },
  ])("$when", ({ text, rows }) => {
    for (const ending of ["", "\n"])
      expect(decode(text + ending)).toEqual({ rows, node: undefined, malformed: 0, unlabelled: 0, scrapeError: false });
  }); // prettier-ignore
});

describe("a line that is lost, alone, and counted", () => {
  test.each([
    ["a negative value", `${CPU}${WEB} -1 7`],
    ["NaN", `${CPU}${WEB} NaN 7`],
    ["infinity", `${CPU}${WEB} +Inf 7`],
    ["a value too large for a double", `${CPU}${WEB} 1e999 7`],
    ["a value beyond 63 bits", `${MEMORY}${WEB} 1e19 7`],
    ["a hexadecimal value", `${CPU}${WEB} 0x10 7`],
    ["underscores in a value", `${CPU}${WEB} 1_000 7`],
    ["a decimal comma", `${CPU}${WEB} 1,5 7`],
    ["an exponent without digits", `${CPU}${WEB} 1e 7`],
    ["a point without digits", `${CPU}${WEB} . 7`],
    ["no value", `${CPU}${WEB}`],
    ["a negative stamp", `${CPU}${WEB} 1 -7`],
    ["a stamp with a fraction", `${CPU}${WEB} 1 7.5`],
    ["a stamp beyond the year 2262", `${CPU}${WEB} 1 9223372036855`],
    ["a third column", `${CPU}${WEB} 1 7 7`],
    ["an exemplar", `${CPU}${WEB} 1 7 # {trace="x"} 1`],
    ["a carriage return", `${CPU}${WEB} 1 7\r`],
    ["an unquoted label value", `${CPU}{container=app,namespace="shop",pod="web"} 1 7`],
    ["a single-quoted label value", `${CPU}{container='app',namespace="shop",pod="web"} 1 7`],
    ["an unterminated label value", `${CPU}{container="app,namespace="shop",pod="web} 1 7`],
    ["labels without an end", `${CPU}{container="app",namespace="shop",pod="web" 1 7`],
    ["a backslash before the line end", `${CPU}{container="app",namespace="shop",pod="web\\`],
    ["a leading comma in the labels", `${CPU}{,container="app",namespace="shop",pod="web"} 1 7`],
    ["a double comma in the labels", `${CPU}{container="app",,namespace="shop",pod="web"} 1 7`],
    ["a label name that begins with a digit", `${CPU}{1a="",container="app",namespace="shop",pod="web"} 1 7`],
    ["a quoted label name", `${CPU}{"container"="app",namespace="shop",pod="web"} 1 7`],
    ["a name that is not ASCII", `${CPU}{container="app",namespace="shop",pod="w\xc3\xa9b"} 1 7`],
    ["labels longer than any kubelet's", `${CPU}{a="${"x".repeat(3000)}",container="app",namespace="shop",pod="web"} 1 7`],
    ["a hyphen in the family's name", `${CPU}-x${WEB} 1 7`],
    ["free text", "?what is this"],
    ["a NUL", "\0"],
    ["leading blanks", ` ${CPU}${WEB} 1 7`],
  ])("%s", (_, line) => {
    const around = [`${MEMORY}{container="a",namespace="n",pod="p"} 1 7`, `${MEMORY}{container="z",namespace="n",pod="p"} 1 7`];
    const { rows, malformed } = decode([around[0], line, around[1]].join("\n"));
    expect(Object.keys(rows)).toEqual(["n/p/a", "n/p/z"]);
    expect(malformed).toBe(1);
  }); // prettier-ignore

  test.each([
    ["without labels", `${CPU} 1 7`],
    ["with one unrelated label", `${CPU}{a="b"} 1 7`],
    ["with empty labels", `${CPU}{} 1 7`],
    ["without a pod", `${CPU}{container="app",namespace="shop"} 1 7`],
    ["with an empty namespace", `${CPU}{container="app",namespace="",pod="web"} 1 7`],
    ["without a container", `${CPU}{namespace="shop",pod="web"} 1 7`],
  ])("a container's series %s", (_, line) => {
    expect(decode(line)).toMatchObject({ rows: {}, malformed: 0, unlabelled: 1 });
  });
});

describe("what is passed over without a word", () => {
  test.each([
    ["nothing at all", ""],
    ["comments, also empty ones", "#\n# HELP\n# TYPE x nonsense\n# EOF"],
    ["blank lines", "\n \n\t\n"],
    ["a HELP text with a literal \\n at its end, as kwok's", `# HELP ${CPU} [ALPHA] words\\n`],
    ["other families", 'pod_cpu_usage_seconds_total{namespace="shop",pod="web"} 1 7\nscrape_error 0'],
    [
      "families whose names begin alike",
      `${CPU}_more${WEB} 1 7\n${CPU}:sum 1\nnode_cpu_usage_seconds_total2 1`,
    ],
    ["swap", `container_swap_usage_bytes${WEB} 1 7`],
  ])("%s", (_, text) => {
    expect(decode(text)).toEqual({
      rows: {},
      node: undefined,
      malformed: 0,
      unlabelled: 0,
      scrapeError: false,
    });
  });
});

describe("the node's own lines", () => {
  const node = (cpu: string, memory: string): string =>
    `node_cpu_usage_seconds_total ${cpu}\nnode_memory_working_set_bytes ${memory}\n`;

  test("give its usage, with the stamp that came later in the text", () => {
    expect(decode(node("90321.5 7", "6.193471488e+09 8")).node).toEqual({ cpu: 90_321.5e9, memory: 6_193_471_488, at: 8 });
  }); // prettier-ignore

  test("count with labels too", () => {
    expect(decode('node_cpu_usage_seconds_total{a="b"} 1 7\nnode_memory_working_set_bytes{} 2 7').node)
      .toEqual({ cpu: 1e9, memory: 2, at: 7 });
  }); // prettier-ignore

  test.each([
    ["CPU is 0", node("0 7", "1 7")],
    ["CPU is below a nanosecond", node("1e-10 7", "1 7")],
    ["memory is 0", node("1 7", "0 7")],
    ["memory is missing", "node_cpu_usage_seconds_total 1 7"],
    ["CPU is malformed", node("-1 7", "1 7")],
  ])("give nothing when %s", (_, text) => {
    expect(decode(text).node).toBeUndefined();
  });

  test.each([["1", true], ["0", false]])("resource_scrape_error %s is told", (value, scrapeError) => {
    expect(decode(`resource_scrape_error ${value}\n`).scrapeError).toBe(scrapeError);
  }); // prettier-ignore
});

describe("one container named several times in an answer", () => {
  test("is one row, whatever the order of its labels", () => {
    const text = `${CPU}${WEB} 1 7\n${MEMORY}{pod="web",namespace="shop",container="app"} 2 7\n${START}{x="y",namespace="shop",pod="web",container="app"} 3\n`;
    expect(decode(text).rows).toEqual(web({ cpu: 1e9, memory: 2, at: 7, start: 3e9 }));
    expect(decode(text + text).rows).toEqual(web({ cpu: 1e9, memory: 2, at: 7, start: 3e9 }));
  });

  test.each([
    { when: "the newer stamp later", lines: ["1 7", "2 8"], cpu: 2e9, at: 8 },
    { when: "the newer stamp earlier", lines: ["2 8", "1 7"], cpu: 2e9, at: 8 },
    { when: "the same stamp: the later line", lines: ["1 7", "2 7"], cpu: 2e9, at: 7 },
  ])("counts with its newest sample: $when", ({ lines, cpu, at }) => {
    expect(decode(lines.map((rest) => `${CPU}${WEB} ${rest}`).join("\n")).rows).toEqual(web({ cpu, at }));
  });
});

describe("successive answers of one node", () => {
  const answer = (pods: readonly string[], cpu: number) =>
    print(pods.map((pod) => ({ pod, cpu: cpu + pod.length, memory: 1000, at: 7, start: 12 })));

  test.each([
    { when: "nothing changed", after: ["a", "b", "c"] },
    { when: "a pod came first", after: ["0", "a", "b", "c"] },
    { when: "a pod came between", after: ["a", "aa", "b", "c"] },
    { when: "a pod came last", after: ["a", "b", "c", "d"] },
    { when: "the first went", after: ["b", "c"] },
    { when: "one between went", after: ["a", "c"] },
    { when: "the last went", after: ["a", "b"] },
    { when: "all went", after: [] },
    { when: "all others", after: ["x", "y"] },
    { when: "the order is another", after: ["c", "a", "b"] },
  ])("are read alike by a decoder that knows the node and by one that does not: $when", ({ after }) => {
    const decoder = newDecoder();
    decode(answer(["a", "b", "c"], 1), decoder);
    for (const pods of [after, ["a", "b", "c"], after])
      expect(decode(answer(pods, 2), decoder)).toEqual(decode(answer(pods, 2)));
  });

  test("give the same object for the same container, so that others can hold on to it", () => {
    const decoder = newDecoder();
    const seriesOf = (text: string) => [...decoder.decode(Buffer.from(text), REQUESTED_AT).columns.series];
    const [a, b] = seriesOf(answer(["a", "b"], 1));
    expect(seriesOf(answer(["a", "b"], 2))[1]).toBe(b);
    expect(seriesOf(answer(["b"], 3))[0]).toBe(b);
    expect(seriesOf(answer(["a", "b"], 4))[0]).not.toBe(a);
  });

  test("an answer of nothing but lost lines is read up to a limit, and the next one is read again", () => {
    const decoder = newDecoder();
    const { lines } = decoder.decode(Buffer.from("?\n".repeat(50_000)), REQUESTED_AT);
    expect(lines).toEqual({ read: 0, malformed: 20_000, unlabelled: 0 });
    const next = decoder.decode(Buffer.from("node_cpu_usage_seconds_total 1 1\n"), REQUESTED_AT);
    expect(next.lines).toEqual({ read: 1, malformed: 0, unlabelled: 0 });
  });

  test("a node that names more containers than any node runs is believed up to a limit", () => {
    const pods = Array.from({ length: 20_010 }, (_, index) => `p${index}`);
    const { rows, unlabelled } = decode(pods.map((pod) => `${CPU}{container="c",namespace="n",pod="${pod}"} 1 7`).join("\n"));
    expect(Object.keys(rows)).toHaveLength(20_000);
    expect(unlabelled).toBe(10);
  }); // prettier-ignore
});
