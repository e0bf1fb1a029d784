/**
 * A status with every field that there is: what reads or stores a status keeps all of it.
 */
import type { ScalePolicyStatus } from "../../src/policy/status.ts";

const condition = {
  status: "True",
  message: "replicas follow cpu",
  observedGeneration: 1,
  lastTransitionTime: "2026-11-25T03:12:07Z",
} as const;

export const FULL_STATUS = {
  observedGeneration: 1,
  conditions: [
    { ...condition, type: "Ready", reason: "Deciding" },
    { ...condition, type: "ScalingActive", reason: "ValidMetricFound" },
    { ...condition, type: "AbleToScale", reason: "SucceededRescale" },
    { ...condition, type: "ScalingLimited", status: "Unknown", reason: "NotYetDecided" },
    { ...condition, type: "RecommendationProvided", reason: "RecommendationProvided" },
    { ...condition, type: "LowConfidence", reason: "HistoryTooShort" },
    { ...condition, type: "NoPodsMatched", status: "False", reason: "PodsMatched" },
    { ...condition, type: "ConfigUnsupported", status: "False", reason: "TargetSupported" },
    { ...condition, type: "Applying", status: "False", reason: "ApplyModeOff" },
  ],
  horizontal: {
    currentReplicas: 4,
    desiredReplicas: 6,
    lastScaleTime: "2026-11-25T03:12:07Z",
    currentMetrics: [
      {
        type: "Resource",
        resource: { name: "cpu", current: { averageUtilization: 90, averageValue: "216m" } },
      },
      {
        type: "ContainerResource",
        containerResource: { name: "memory", container: "app", current: { averageValue: "310Mi" } },
      },
      { type: "" },
    ],
    history: {
      version: 1,
      targetUID: "b6ef8728-1d15-4a5e-911a-726c3f43f542",
      bucketSeconds: 15,
      completeSince: "2026-11-25T03:00:00Z",
      recordedAt: "2026-11-25T03:12:07Z",
      buckets: [
        { start: 1_795_575_600, low: 4, high: 5 },
        { start: 1_795_575_615, low: 4, high: 6, added: 2, removed: 1 },
      ],
    },
  },
  vertical: {
    recommendation: {
      containerRecommendations: [
        {
          containerName: "app",
          target: { cpu: "240m", memory: "310Mi" },
          lowerBound: { cpu: "125m", memory: "250Mi" },
          upperBound: { cpu: "1", memory: "1Gi" },
          uncappedTarget: { cpu: "240m", memory: "310Mi" },
          base: { cpu: "500m" },
        },
        {
          containerName: "proxy",
          target: { cpu: "25m" },
          lowerBound: { cpu: "25m" },
          upperBound: { cpu: "100m" },
          uncappedTarget: { cpu: "11m" },
          base: {},
        },
      ],
      targets: [{ metric: "app/cpu", request: "335m", averageUtilization: 89, averageValue: "300m" }],
    },
    confidence: "0.25",
  },
  recentActs: [
    { time: "2026-11-25T03:12:07Z", what: "replicas 4 → 6", why: "cpu 90 % of request, mark 60 %" },
  ],
  display: { metrics: "cpu 90%/60%", requests: "cpu 240m mem 310Mi" },
  lastDecision: { time: "2026-11-25T03:12:07Z", summary: "cpu 90 % of request, mark 60 %: 4 → 6" },
  installation: "plimsoll-system/plimsoll",
} satisfies ScalePolicyStatus;
