/** What the kubelet lets Plimsoll see, and whom it is. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { connect } from "node:tls";
import { describe, expect, test } from "vitest";
import { NAME, NAMESPACE, OPERATOR_USER } from "../../../generate/rbac.ts";
import { forbiddenCalls } from "../../cluster/installation.ts";
import { WAIT } from "../../cluster/manifests.ts";
import type { Lane } from "./lane-of.ts";

export function describeRights(lane: () => Lane): void {
  describe("the kubelet", () => {
    const asOperator = async (path: string): Promise<number> => {
      const { node } = lane();
      const { tokenFile } = await node.serviceAccountKubeconfig(NAMESPACE, NAME);
      return (await node.kubelet("GET", path, { tokenFile })).status;
    };

    test.each(["/metrics/resource"])("lets Plimsoll's ServiceAccount read %s", async (path) => {
      expect(await asOperator(path)).toBe(200);
    });

    test.each(["/pods", "/stats/summary", "/configz", "/runningpods/", "/logs/", "/exec/default/pod/app"])(
      "lets it read nothing else: %s",
      async (path) => expect(await asOperator(path)).toBe(403),
    );

    test("lets nobody else read: no token is 401, another's is 403", async ({ expect }) => {
      const { node } = lane();
      const junk = join(node.folder, "junk.token");
      writeFileSync(junk, "nobody issued this");
      const { tokenFile } = await node.serviceAccountKubeconfig("default", "default");
      const statusOf = async (file: string) =>
        (await node.kubelet("GET", "/metrics/resource", { tokenFile: file })).status;
      expect([await statusOf(junk), await statusOf(tokenFile)]).toEqual([401, 403]);
    });

    test("serves with a certificate of the cluster's CA, by its address, and of no other", async ({
      expect,
    }) => {
      const { node } = lane();
      const verdict = (authority: string) => verdictOf(new URL(node.kubeletUrl), readFileSync(authority));
      expect(await verdict(node.certs.serverAuthority)).toBe("trusted");
      expect(await verdict(node.certs.frontProxyAuthority)).toMatch(
        /UNABLE_TO_VERIFY|SELF_SIGNED|UNABLE_TO_GET_ISSUER/,
      );
    });
  });

  describe("Plimsoll", () => {
    test("scrapes the kubelet with no more than these rights, and verifies it", async ({ expect }) => {
      const { node, installed } = lane();
      const scraped = () =>
        installed.counter('metrics_server_kubelet_request_total{success="true"}').catch(() => 0);
      await expect.poll(scraped, WAIT).toBeGreaterThan(1);
      const args = await node.kubectl("get", "deployment", NAME, "-n", NAMESPACE, "-o", "jsonpath={..args}");
      expect(args).toContain("--metric-resolution=15s");
      expect(args).not.toContain("insecure");
      expect(forbiddenCalls(node.auditFor(OPERATOR_USER, installed.began))).toEqual([]);
    });
  });
}

/** What TLS makes of the server's certificate: `trusted`, or the name of the trouble. */
function verdictOf({ hostname, port }: URL, ca: Buffer): Promise<string> {
  return new Promise((settle) => {
    const socket = connect({ host: hostname, port: Number(port), ca }, () => {
      socket.end();
      settle("trusted");
    });
    socket.once("error", (trouble: NodeJS.ErrnoException) => settle(trouble.code ?? trouble.message));
  });
}
