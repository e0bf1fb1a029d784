/**
 * The `resize` subresource of a running pod: its requests and limits without a restart, where its
 * resizePolicy does not ask for one.
 *
 * Invariant: a resize names the version and the uid that it was decided on, and changes all containers at
 * once or none.
 */
import { millis } from "../../../base/units.ts";
import type { ResizePort } from "../../../actuate/request-port.ts";
import { isPathSegment } from "../discovery.ts";
import { writeOutcome } from "../failure.ts";
import { MANAGER, STRATEGIC_MERGE_PATCH } from "../naming.ts";
import type { ApiTransport } from "../transport.ts";
import { resourcesBody } from "./resources.ts";

export function createResizePort(transport: ApiTransport): ResizePort {
  return {
    async resizePod({ namespace, name, uid, resourceVersion }, to, { within, signal }) {
      if (!isPathSegment(name)) return { kind: "absent", message: `${name} is no name of a pod` };
      // Merged by name, so that no container is hit by its place in the list.
      const containers = to.map(({ container, ...resources }) => ({
        name: container,
        resources: resourcesBody(resources),
      }));
      const answer = await transport.send({
        method: "PATCH",
        path: `/api/v1/namespaces/${namespace}/pods/${name}/resize`,
        query: { fieldManager: MANAGER },
        contentType: STRATEGIC_MERGE_PATCH,
        body: { metadata: { uid, resourceVersion }, spec: { containers } },
        timeout: millis(Math.max(0, within)),
        signal,
      });
      return writeOutcome(answer, "Pod");
    },
  };
}
