/**
 * `unit` and `trials` need nothing and always run, the trials for minutes; `cluster` needs a real control plane, `node` a
 * machine for a real kubelet besides, `oracle` upstream's Go code, `container` a Docker engine (test/lanes.ts). `k3s` is a
 * command of its own.
 */
import { defineConfig } from "vitest/config";
import { LongestFirst } from "./test/cluster/longest-first.ts";

export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        test: {
          name: "unit",
          include: ["test/**/*.test.ts"],
          exclude: ["test/cluster/**", "test/container/**", "test/node/**", "test/trials/**"],
          // A busy machine is no reason to fail.
          testTimeout: 30_000,
        },
      },
      {
        test: {
          name: "trials",
          include: ["test/trials/**/*.test.ts"],
          testTimeout: 300_000,
        },
      },
      {
        test: {
          name: "cluster",
          include: ["test/cluster/**/*.test.ts"],
          globalSetup: ["test/cluster/control-plane.setup.ts"],
          // Its tests wait for real windows and Leases, and take little CPU meanwhile; each worker has a control plane.
          maxWorkers: 4,
          maxConcurrency: 8,
          sequence: { groupOrder: 1 },
          testTimeout: 120_000,
          hookTimeout: 180_000,
        },
      },
      {
        test: {
          name: "node",
          include: ["test/node/**/*.test.ts"],
          globalSetup: ["test/node/lane.setup.ts"],
          // A machine has one node; what is on it waits side by side.
          maxWorkers: 1,
          maxConcurrency: 32,
          sequence: { groupOrder: 2 },
          testTimeout: 240_000,
          hookTimeout: 180_000,
        },
      },
      {
        test: {
          name: "oracle",
          include: ["test/oracle/**/*.oracle.ts"],
          testTimeout: 120_000,
          hookTimeout: 300_000,
        },
      },
      {
        test: {
          name: "container",
          include: ["test/container/**/*.test.ts"],
          globalSetup: ["test/container/container.setup.ts"],
          testTimeout: 120_000,
          hookTimeout: 180_000,
        },
      },
      {
        test: {
          name: "k3s",
          include: ["test/k3s/**/*.k3s.ts"],
        },
      },
    ],
  },
});
