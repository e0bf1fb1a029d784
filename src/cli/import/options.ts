/**
 * What `plimsoll import` takes.
 */
import { type Command, Option } from "commander";
import { filename } from "../manifests/options.ts";
import type { ImportFlags } from "./command.ts";

export function addImport(program: Command, run: (flags: ImportFlags) => Promise<void>): void {
  program
    .command("import")
    .summary("turn HPAs, VPAs and KEDA's ScaledObjects into ScalePolicies")
    .description(
      "Reads manifests of HorizontalPodAutoscalers, VerticalPodAutoscalers and KEDA's ScaledObjects, and\n" +
        "prints ScalePolicies. Whatever is not the same is told on standard error, field by field:\n" +
        "  kubectl get hpa,vpa,scaledobject -A -o yaml | plimsoll import -f - > policies.yaml",
    )
    .addOption(filename())
    .addOption(
      new Option("--mode <mode>", "mode of the policies; Shadow shows what they would do")
        .choices(["Shadow", "Active"])
        .default("Shadow"),
    )
    .addOption(new Option("-o, --output <format>", "how to print").choices(["yaml", "json"]).default("yaml"))
    .addOption(new Option("--strict", "exit with 1 if anything is left out").default(false))
    .action(run);
}
