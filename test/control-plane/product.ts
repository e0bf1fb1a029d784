/**
 * How the product starts Node: the environment of the operator's container in deploy/plimsoll.yaml, so that what is
 * measured is what is shipped.
 */
import { readFileSync } from "node:fs";
import { parseAllDocuments } from "yaml";

type Manifest = Readonly<{
  kind: string;
  spec: {
    template: {
      spec: {
        containers: readonly {
          env: readonly { name: string; value?: string }[];
          resources: { limits: { memory: string } };
        }[];
      };
    };
  };
}>;

/** The heap's share of the pod's memory limit becomes bytes, for here is no container that sets the limit. */
export function productEnvironment(): Readonly<Record<string, string>> {
  const text = readFileSync(new URL("../../deploy/plimsoll.yaml", import.meta.url), "utf8");
  const manifests = parseAllDocuments(text).map((document) => document.toJS() as Manifest);
  const [container] =
    manifests.find(({ kind }) => kind === "Deployment")?.spec.template.spec.containers ?? [];
  if (container === undefined) throw new Error("deploy/plimsoll.yaml holds no Deployment");
  const limit = Number(/^(\d+)Mi$/.exec(container.resources.limits.memory)?.[1]);
  const inBytes = (value: string): string =>
    value.replace(/--max-old-space-size-percentage=(\d+)/, (_, percent: string) => {
      return `--max-old-space-size=${Math.floor((limit * Number(percent)) / 100)}`;
    });
  const given = container.env.flatMap(({ name, value }) =>
    value === undefined ? [] : [[name, inBytes(value)] as const],
  );
  return Object.fromEntries(given);
}
