/**
 * docs/issues.md: the stories of test/scenarios/issues, in the order of their names.
 */
import type { Check } from "../src/sim/scenario/expectation.ts";
import type { Mark } from "../src/sim/scenario/stock-line.ts";
import { formatDuration } from "../src/base/duration.ts";
import type { Millis } from "../src/base/units.ts";
import type { Story } from "../test/scenarios/issues/story.ts";
import { readStories } from "../test/scenarios/issues/story.ts";
import { code, markdownTable } from "./markdown.ts";

const FOLDER = "../test/scenarios/issues";

export function renderIssuesDoc(): string {
  const stories = readStories();
  const marks = stories.flatMap(({ scenario }) => scenario.stock.map(({ mark }) => mark));
  const count = (mark: Mark): number => marks.filter((each) => each === mark).length;
  const better = stories.filter(({ verdict }) => verdict === "better");
  return `<!-- Written by \`npm run generate\` from test/scenarios/issues. -->

# What users of the HPA met, and what happens here

${stories.length} stories, each titled with the issue that it answers. Each is played in a simulated cluster (real operator code,
kubelets, rollouts, quota) once by Plimsoll and once by a stock HPA on metrics-server's samples, 15 s each. In ${better.length} of them
Plimsoll does better; in ${stories.length - better.length} both do the same, often because upstream has mended it since.

How the stock answer is known (${marks.length} answers):

- **oracle** (${count("oracle")}): the stock HPA of the story takes each metric's answer from upstream's replica calculator, Kubernetes' own
  Go code, asked at each sync with what the simulated cluster shows then (\`npm test\`, oracle lane). Windows, rates and bounds around it are
  ours in upstream's arithmetic, checked against upstream's vectors.
- **recorded** (${count("recorded")}): the same situation on a real API server with a real kube-controller-manager and metrics-server
  (cluster lane).
- **cited** (${count("cited")}): what the issue and upstream's documentation say.

Where a stock HPA does worse, a range such as \`replicas<=6\` says how far off it is.

## Better

${tableOf(better)}

## The same

${tableOf(stories.filter(({ verdict }) => verdict === "equal"))}
`;
}

function tableOf(stories: readonly Story[]): string {
  const rows = stories.map((story) => [
    [story.issue, ...story.also].map(linkOf).join(", "),
    story.saw,
    `${answersOf(story)}. ${story.stock}`,
    `${expectedOf(story)}. ${capitalized(story.ours)}`,
    `[${story.title}](${FOLDER}/${story.file})`,
  ]);
  return markdownTable(["issue", "what users saw", "stock HPA", "Plimsoll", "story"], rows);
}

function linkOf(issue: string): string {
  const [repository = "", number = ""] = issue.split("#");
  const short = repository === "kubernetes/kubernetes" ? `k8s#${number}` : `${repository}#${number}`;
  return `[${short}](https://github.com/${repository}/issues/${number})`;
}

type Answer = Readonly<{ from: Millis; to: Millis; checks: readonly Check[] }>;

const answersOf = ({ scenario }: Story): string =>
  scenario.stock.map((stock) => `${textOf(stock)} (${stock.mark})`).join("; ");

/** What is expected here where something is said of the stock HPA. */
function expectedOf({ scenario: { stock, expectations } }: Story): string {
  const counterparts = stock.flatMap(({ about, from, to }) =>
    expectations.filter((each) => each.about === about && each.from === from && each.to === to),
  );
  return counterparts.map(textOf).join("; ");
}

function textOf({ from, to, checks }: Answer): string {
  const said = checks.map(({ field, operator, value }) => code(`${field}${operator}${value}`)).join(" ");
  const times = [from, to].map((time) => formatDuration(time));
  return `${said} at ${from === to ? times[0] : times.join(" to ")}`;
}

const capitalized = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
