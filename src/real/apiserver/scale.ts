/**
 * The `scale` subresource of whatever has one. A write names the version and the uid that it was decided on.
 */
import { z } from "zod";
import type { Scale, ScalePort } from "../../actuate/port.ts";
import { uid } from "../../base/ids.ts";
import type { ReadOutcome } from "../../base/outcome.ts";
import { millis } from "../../base/units.ts";
import type { TargetReference } from "../../cluster/workload.ts";
import { Discovery, isPathSegment, type Place } from "./discovery.ts";
import { isPathUnknown, readOutcome, writeOutcome } from "./failure.ts";
import { MANAGER } from "./naming.ts";
import type { ApiAnswer, ApiTransport } from "./transport.ts";

/** autoscaling/v1 leaves out replicas when they are 0, and the selector when there is none. */
const ScaleObject = z
  .object({
    apiVersion: z.literal("autoscaling/v1"),
    kind: z.literal("Scale"),
    metadata: z.object({ uid: z.string().min(1), resourceVersion: z.string().min(1) }),
    spec: z.object({ replicas: z.int().min(0).default(0) }).prefault({}),
    status: z.object({ replicas: z.int().min(0).default(0), selector: z.string().optional() }).prefault({}),
  })
  .transform(({ metadata, spec, status }): Scale => ({
    uid: uid(metadata.uid),
    resourceVersion: metadata.resourceVersion,
    replicas: spec.replicas,
    observedReplicas: status.replicas,
    selector: status.selector === "" ? undefined : status.selector,
  }));

export function createScalePort(transport: ApiTransport): ScalePort {
  const discovery = new Discovery(transport);

  /**
   * Asks at the scale of `target`; a path that is not served (any more) is looked up once again next time.
   */
  const ask = async (
    target: TargetReference,
    signal: AbortSignal | undefined,
    send: (place: Place) => Promise<ApiAnswer>,
  ): Promise<ReadOutcome<ApiAnswer>> => {
    if (!isPathSegment(target.name))
      return { kind: "absent", message: `${target.name} is no name of an object` };
    const place = await untilAborted(discovery.findScalable(target), signal);
    if (place.kind !== "read") return place;
    const answer = await send(place.value);
    if (isPathUnknown(answer)) discovery.forget(target);
    return { kind: "read", value: answer };
  };

  return {
    async readScale(namespace, target, signal) {
      const answer = await ask(target, signal, (place) =>
        transport.send({
          method: "GET",
          path: pathOf(place, namespace, target),
          ...(signal !== undefined && { signal }),
        }),
      );
      return answer.kind === "read" ? readOutcome(answer.value, ScaleObject) : answer;
    },
    async writeScale(namespace, target, { uid: basisUid, resourceVersion }, { replicas, within, signal }) {
      const until = performance.now() + within;
      const body = {
        apiVersion: "autoscaling/v1",
        kind: "Scale",
        metadata: { namespace, name: target.name, uid: basisUid, resourceVersion },
        spec: { replicas },
      };
      const answer = await ask(target, signal, (place) =>
        transport.send({
          method: "PUT",
          path: pathOf(place, namespace, target),
          query: { fieldManager: MANAGER },
          body,
          timeout: millis(Math.max(0, until - performance.now())),
          signal,
        }),
      );
      return answer.kind === "read" ? writeOutcome(answer.value, "Scale") : answer;
    },
  };
}

/** A look-up serves all who ask for the same, so it goes on; who gives up does not wait for it. */
function untilAborted<T>(
  lookUp: Promise<ReadOutcome<T>>,
  signal: AbortSignal | undefined,
): Promise<ReadOutcome<T>> {
  if (signal === undefined) return lookUp;
  return new Promise((resolve) => {
    const giveUp = (): void => resolve({ kind: "unreachable", message: "the caller gave up" });
    if (signal.aborted) giveUp();
    signal.addEventListener("abort", giveUp, { once: true });
    void lookUp.then(resolve).finally(() => signal.removeEventListener("abort", giveUp));
  });
}

const pathOf = ({ root, plural }: Place, namespace: string, { name }: TargetReference): string =>
  `${root}/namespaces/${namespace}/${plural}/${name}/scale`;
