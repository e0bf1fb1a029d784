import { describe, expect, test } from "vitest";
import { OPERATOR_FLAGS, readFlags } from "../src/operator-flags.ts";

const options = (raw: Record<string, unknown>) => {
  const outcome = readFlags(raw);
  if (outcome.kind === "invalid") throw new Error(outcome.problems.join("\n"));
  return outcome.options;
};
const problems = (raw: Record<string, unknown>) => {
  const outcome = readFlags(raw);
  return outcome.kind === "invalid" ? outcome.problems : [];
};

describe("the operator's flags", () => {
  test("without any, are those of the HPA controller and of metrics-server's manifest", () => {
    expect(options({})).toMatchObject({
      kubeconfig: undefined,
      metricResolution: 15_000,
      healthPort: 8080,
      brakes: { decrease: true, increase: true, writes: true },
      kubelet: { port: 10_250, requestTimeout: 10_000, insecureTls: false, useNodeStatusPort: true },
      horizontal: { tolerance: 0.1, downscaleStabilization: 300_000, cpuInitializationPeriod: 300_000 },
      lease: { name: "plimsoll", duration: 15_000, renewDeadline: 10_000, retryPeriod: 2000 },
    });
  });

  test("serve on 10250, announced where nobody else is, and linger at the end only where somebody may come", () => {
    expect(options({}).serving).toMatchObject({
      mode: "Auto", port: 10_250, secret: "plimsoll-tls", service: { name: "plimsoll", port: 443 }, inFlightMax: 400, lingerFor: 3000,
    });
    expect(options({ "metrics-api": "Off" }).serving?.lingerFor).toBe(0);
    expect(options({ "secure-port": "0" }).serving, "0 closes the port").toBeUndefined();
  }); // prettier-ignore

  test("have the VPA recommender's minimums, and its caps as quantities", () => {
    expect(options({}).vertical).toEqual({
      podMinimum: { cpu: 25, memory: 250 * 2 ** 20 },
      maxAllowed: {},
      roundTo: { cpu: 1, memory: 1 },
    });
    const raw = {
      "pod-recommendation-min-cpu-millicores": 10,
      "container-recommendation-max-allowed-cpu": "1.5",
      "container-recommendation-max-allowed-memory": "4Gi",
    };
    expect(options(raw).vertical).toMatchObject({
      podMinimum: { cpu: 10 },
      maxAllowed: { cpu: 1500, memory: 4 * 2 ** 30 },
    });
  });

  test("take values from a command line (text) and from YAML (numbers, booleans) alike", () => {
    const raw = { "metric-resolution": "1m30s", "kubelet-port": 10255, "kubelet-insecure-tls": true };
    expect(options(raw)).toMatchObject({
      metricResolution: 90_000,
      kubelet: { port: 10_255, insecureTls: true },
    });
    expect(options({ "health-port": "0" }).healthPort, "0 closes the port").toBeUndefined();
  });

  test.each([
    [{ "metric-resolution": "500ms" }, /^--metric-resolution must be at least 1s$/],
    [{ "metric-resolution": "15" }, /^--metric-resolution: "15" is not a duration such as 15s/],
    [{ "kubelet-port": "ten" }, /^--kubelet-port: "ten" is not a number/],
    [{ "kubelet-port": 70_000 }, /^--kubelet-port must be a port/],
    [{ "health-port": 70_000 }, /^--health-port must be a port/],
    [{ "secure-port": 70_000 }, /^--secure-port must be a port/],
    [{ "secure-port": 8080 }, /^--secure-port and --health-port must differ/],
    [{ "service-port": 0 }, /^--service-port must be a port/],
    [{ "metrics-api": "auto" }, /^--metrics-api: "auto" is not one of Auto, Always, Off/],
    [{ "tls-cert-file": "tls.crt" }, /^--tls-cert-file and --tls-private-key-file go together/],
    [{ "tls-private-key-file": "tls.key" }, /go together/],
    [{ "tls-ca-file": "ca.crt" }, /^--tls-ca-file goes with --tls-cert-file/],
    [{ "max-requests-inflight": 0 }, /^--max-requests-inflight must be at least 1/],
    [{ "shutdown-delay-duration": "soon" }, /^--shutdown-delay-duration: "soon" is not a duration/],
    [
      { "container-recommendation-max-allowed-cpu": "much" },
      /^--container-recommendation-max-allowed-cpu: "much" is not a quantity such as 2 or 4Gi/,
    ],
    [{ "log-level": "loud" }, /^--log-level takes one of debug, info, warn, error/],
    [{ "kubelet-insecure-tls": "maybe" }, /"maybe" is not true or false/],
    [{ "kubelet-request-timeout": "0" }, /^--kubelet-request-timeout must be positive/],
    [{ "kubelet-request-timeout": "14s" }, /must not exceed 9\/10 of --metric-resolution/],
    [{ "kubelet-insecure-tls": true, "kubelet-certificate-authority": "ca.pem" }, /choose one/],
    [{ "kubelet-client-key": "key.pem" }, /needs --kubelet-client-certificate/],
    [{ "deprecated-kubelet-completely-insecure": true, "kubelet-insecure-tls": true }, /plain HTTP/],
    [{ "leader-elect-lease-duration": "10s" }, /must exceed --leader-elect-renew-deadline/],
    [{ "leader-elect-retry-period": "9s" }, /must exceed 1\.2 times --leader-elect-retry-period/],
    [{ "metric-resolutoin": "15s" }, /there is no such flag/],
  ])("%o is refused, naming the flag and the way out", (raw, message) => {
    expect(problems(raw)).toContainEqual(expect.stringMatching(message));
  });

  test("let a short resolution shorten the time limit of an answer, unless that was given", () => {
    expect(options({ "metric-resolution": "5s" }).kubelet.requestTimeout).toBe(4500);
    expect(problems({ "metric-resolution": "5s", "kubelet-request-timeout": "10s" })).toHaveLength(1);
  });

  test("say everything that is wrong at once", () => {
    expect(problems({ "metric-resolution": "x", "kubelet-port": "y", nonsense: 1 })).toHaveLength(3);
  });

  test("are named once, and their own fallbacks are valid", () => {
    expect(new Set(OPERATOR_FLAGS.map(({ name }) => name)).size).toBe(OPERATOR_FLAGS.length);
    const fallbacks = Object.fromEntries(OPERATOR_FLAGS.map(({ name, fallback }) => [name, fallback]));
    expect(options(fallbacks)).toEqual(options({}));
  });
});
