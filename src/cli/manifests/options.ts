/**
 * How every command that reads manifests is told which.
 */
import { Option } from "commander";

export const filename = (): Option =>
  new Option("-f, --filename <file...>", "files of YAML or JSON; - is standard input").makeOptionMandatory();
