/** What the oracle lane needs: the upstream program. A sentence when it cannot be built here. */
import { buildUpstream } from "./upstream.ts";

export async function missingForOracle(): Promise<string | undefined> {
  const built = await buildUpstream();
  return built.kind === "missing" ? built.reason : undefined;
}
