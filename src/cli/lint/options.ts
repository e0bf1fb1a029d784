/**
 * What `plimsoll lint` takes.
 */
import { type Command, Option } from "commander";
import { filename } from "../manifests/options.ts";
import type { LintFlags } from "./command.ts";

export function addLint(program: Command, run: (flags: LintFlags) => Promise<void>): void {
  program
    .command("lint")
    .summary("find mistakes in policies, HPAs, VPAs and ScaledObjects before they are applied")
    .description(
      "Reads manifests and tells what will not work, or not as most people expect. Give it the workloads\n" +
        "too: then it knows their requests, limits and containers.\n" +
        "  kustomize build | plimsoll lint -f -",
    )
    .addOption(filename())
    .addOption(new Option("-o, --output <format>", "how to print").choices(["text", "json"]).default("text"))
    .addOption(new Option("--strict", "exit with 1 for warnings too").default(false))
    .action(run);
}
