/**
 * A policy's status, replaced whole: a JSON patch, because a merge patch would keep the fields that a new
 * status no longer has. Version and uid go with it, so a status never lands on another object or on a spec
 * that it does not know.
 */
import { seconds } from "../../base/units.ts";
import type { ReportPort } from "../../report/port.ts";
import { writeOutcome } from "./failure.ts";
import { JSON_PATCH, MANAGER, POLICY_API_VERSION, POLICY_KIND, POLICY_PLURAL } from "./naming.ts";
import type { ApiTransport } from "./transport.ts";

/** A status is renewed soon anyway, and few are written side by side. */
const ANSWER_WITHIN = seconds(10);

export function createStatusWriter(transport: ApiTransport): Pick<ReportPort, "writeStatus"> {
  return {
    async writeStatus({ namespace, name, uid, resourceVersion }, status, signal) {
      const answer = await transport.send({
        method: "PATCH",
        path: `/apis/${POLICY_API_VERSION}/namespaces/${namespace}/${POLICY_PLURAL}/${name}/status`,
        query: { fieldManager: MANAGER },
        contentType: JSON_PATCH,
        timeout: ANSWER_WITHIN,
        ...(signal !== undefined && { signal }),
        body: [
          { op: "test", path: "/metadata/uid", value: uid },
          { op: "add", path: "/metadata/resourceVersion", value: resourceVersion },
          { op: "add", path: "/status", value: status },
        ],
      });
      return writeOutcome(answer, POLICY_KIND);
    },
  };
}
