/**
 * The names by which the API server knows us and our kind.
 */

/** Who owns the fields that we write (metadata.managedFields), and who reports our events. */
export const MANAGER = "plimsoll";

export const POLICY_API_VERSION = "plimsoll.dev/v1alpha1";
export const POLICY_KIND = "ScalePolicy";
export const POLICY_PLURAL = "scalepolicies";

export const JSON_PATCH = "application/json-patch+json";
export const MERGE_PATCH = "application/merge-patch+json";
export const STRATEGIC_MERGE_PATCH = "application/strategic-merge-patch+json";
