/**
 * The order in which files of the cluster lane begin: those that wait for minutes first, so that none of them is left over at
 * the end. The soak, whose two thousand pods take both cores for a minute, comes after the agreement with a real HPA, which
 * compares moments.
 */
import { BaseSequencer, type TestSequencer, type TestSpecification, type Vitest } from "vitest/node";

const LONGEST = [
  "agreement",
  "recovery",
  "leadership",
  "hostile",
  "stale-views",
  "lost-answers",
  "crash-points",
  "soak",
  "rights",
  "scaling",
  "operator-errors",
  "reflector",
  "issue-answers",
  "threats-pods",
  "install-helm",
  "install-kustomize",
  "install-manifest",
  "metrics-api",
  "metrics-api.replicas",
  "metrics-api.beside",
  "metrics-api.faults",
].map((name) => `/test/cluster/${name}.test.ts`);

export class LongestFirst implements TestSequencer {
  readonly #usual: BaseSequencer;

  constructor(vitest: Vitest) {
    this.#usual = new BaseSequencer(vitest);
  }

  shard(files: TestSpecification[]): Promise<TestSpecification[]> {
    return this.#usual.shard(files);
  }

  async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return (await this.#usual.sort(files)).toSorted((a, b) => rankOf(a) - rankOf(b));
  }
}

function rankOf({ moduleId }: TestSpecification): number {
  const rank = LONGEST.findIndex((end) => moduleId.endsWith(end));
  return rank < 0 ? LONGEST.length : rank;
}
