/**
 * The scenarios that answer an upstream issue: the file, and what its head says.
 *
 *   # A release inflates the replica count.
 *   # issue: kubernetes/kubernetes#72775
 *   # also:  kubernetes/kubernetes#84142
 *   # saw:   what users met
 *   # stock: what a stock HPA makes of the story, and why
 *   # ours:  better | equal; why
 *
 * Invariant: a story that was read has every part of the head; the parts may go on over several lines.
 */
import { readdirSync, readFileSync } from "node:fs";
import type { Scenario } from "../../../src/sim/scenario/scenario.ts";
import { parseScenario } from "../../../src/sim/scenario/scenario.ts";

export type Story = Readonly<{
  file: string;
  title: string;
  issue: string;
  also: readonly string[];
  saw: string;
  stock: string;
  verdict: "better" | "equal";
  ours: string;
  text: string;
  scenario: Scenario;
}>;

const folder = new URL(".", import.meta.url);

/** In the order of their names; throws for one that cannot be read, with all its problems. */
export function readStories(): readonly Story[] {
  const files = readdirSync(folder).filter((file) => file.endsWith(".scenario"));
  return files.toSorted().map((file) => storyOf(file, readFileSync(new URL(file, folder), "utf8")));
}

function storyOf(file: string, text: string): Story {
  const outcome = parseScenario(text);
  if (outcome.kind === "invalid")
    throw new Error(outcome.problems.map(({ line, message }) => `${file}:${line}: ${message}`).join("\n"));
  const head = headOf(text);
  const part = (name: string): string => {
    const said = head.get(name);
    if (said === undefined) throw new Error(`${file}: the head says nothing of "${name}"`);
    return said;
  };
  const [verdict = "", ours = ""] = part("ours").split(/;\s+(.*)/s);
  if (verdict !== "better" && verdict !== "equal")
    throw new Error(`${file}: "ours" begins with "better;" or "equal;"`);
  return {
    file,
    title: part("title"),
    issue: part("issue"),
    also: (head.get("also") ?? "").split(/,\s*/).filter((each) => each !== ""),
    saw: part("saw"),
    stock: part("stock"),
    verdict,
    ours,
    text,
    scenario: outcome.scenario,
  };
}

function headOf(text: string): ReadonlyMap<string, string> {
  const head = new Map<string, string>();
  let name = "title";
  for (const line of text.split("\n")) {
    if (!line.startsWith("#")) break;
    const said = line.slice(1).trim();
    const [, key, rest] = /^(issue|also|saw|stock|ours):\s+(.*)$/.exec(said) ?? [];
    name = key ?? name;
    head.set(name, key === undefined ? `${head.get(name) ?? ""} ${said}`.trim() : (rest ?? ""));
  }
  return head;
}
