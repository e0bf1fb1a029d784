/**
 * `status.vertical` of a ScalePolicy, as the API shows it: amounts are quantities. The recommendation has the
 * shape of a VPA's.
 */
import type { ResourceName } from "../../base/units.ts";

/** Quantities as the VPA prints them: `126m`, `250Mi`; a resource that is not recommended is absent. */
export type RequestTexts = Readonly<Partial<Record<ResourceName, string>>>;

export type ContainerRecommendationStatus = Readonly<{
  containerName: string;
  target: RequestTexts;
  lowerBound: RequestTexts;
  upperBound: RequestTexts;
  uncappedTarget: RequestTexts;
  /** The request that it is compared with; empty: none is set. */
  base: RequestTexts;
}>;

/**
 * What a utilization that horizontal follows has to become if the request is changed by hand: both name the
 * usage per pod that it holds now.
 */
export type TargetPair = Readonly<{
  /** `cpu`, or `app/cpu` for one container. */
  metric: string;
  /** The request, over the counted containers, that the percentage is of. */
  request: string;
  averageUtilization: number;
  averageValue: string;
}>;

export type VerticalStatus = Readonly<{
  /** Absent while there is none: the condition RecommendationProvided says why. */
  recommendation?: Readonly<{
    containerRecommendations: readonly ContainerRecommendationStatus[];
    targets: readonly TargetPair[];
  }>;
  /** Days of history behind it, of the container with the least, in hundredths: `0.25`. */
  confidence?: string;
}>;
