/** What the oracle lane needs: the upstream programs. A sentence when they cannot be built here. */
import { buildUpstream } from "./upstream.ts";

export async function missingForOracle(): Promise<string | undefined> {
  for (const whose of ["hpa", "vpa"] as const) {
    const built = await buildUpstream(whose);
    if (built.kind === "missing") return built.reason;
  }
  return undefined;
}
