/**
 * Specs and what becomes of them, one row each: the same rows run through our parser and through the real
 * API server (test/policy/parse.test.ts, test/cluster/policy-validation.test.ts).
 */

export type Verdict =
  | Readonly<{ verdict: "accepted" }>
  | Readonly<{
      verdict: "refused";
      /** The field that both blame. */
      field: string;
      /** Part of our message; also of the API server's, unless it has a stock message of its own. */
      says: string;
      server?: string;
    }>
  /** Refused by `fieldValidation=Strict`; without it the field is dropped and the rest judged. */
  | Readonly<{ verdict: "unknown"; field: string; rest: "accepted" | "refused" }>;

export type Case = Readonly<{ name: string; spec: unknown }> & Verdict;

const TARGET = { apiVersion: "apps/v1", kind: "Deployment", name: "web" };
const HORIZONTAL = { maxReplicas: 10 };

type Fields = Readonly<Record<string, unknown>>;
const aSpec = (fields: Fields = {}): Fields => ({ targetRef: TARGET, horizontal: HORIZONTAL, ...fields });
const aTarget = (fields: Fields): Fields => aSpec({ targetRef: { ...TARGET, ...fields } });
const aHorizontal = (fields: Fields): Fields => aSpec({ horizontal: { ...HORIZONTAL, ...fields } });
const following = (...metrics: unknown[]): Fields => aHorizontal({ metrics });
const CPU = { name: "cpu", target: { type: "Utilization", averageUtilization: 60 } };
const resource = (fields: Fields): Fields => ({ type: "Resource", resource: { ...CPU, ...fields } });
const container = (fields: Fields): Fields => ({
  type: "ContainerResource",
  containerResource: { ...CPU, container: "app", ...fields },
});
const reaching = (target: unknown): Fields => following(resource({ target }));
const amount = (averageValue: unknown, name = "cpu"): Fields =>
  following(resource({ name, target: { type: "AverageValue", averageValue } }));
const behaving = (scaleUp: unknown): Fields => aHorizontal({ behavior: { scaleUp } });
const limited = (fields: Fields): Fields =>
  behaving({ policies: [{ type: "Pods", value: 4, periodSeconds: 60, ...fields }] });
const VERTICAL = { targetRef: TARGET };
const aVertical = (vertical: unknown, fields: Fields = {}): Fields => ({ ...VERTICAL, vertical, ...fields });
const recommending = (recommender: unknown): Fields => aVertical({ recommender });
const containers = (...containerPolicies: unknown[]): Fields =>
  aVertical({ resourcePolicy: { containerPolicies } });
const allowing = (fields: Fields): Fields => containers({ containerName: "app", ...fields });
const batch = (kind: string): Fields => ({ targetRef: { apiVersion: "batch/v1", kind, name: "web" } });
const without = (fields: Fields, key: string): Fields =>
  Object.fromEntries(Object.entries(fields).filter(([name]) => name !== key));

const ok = (name: string, spec: unknown): Case => ({ name, spec, verdict: "accepted" });

/** [name, spec, field, what we say, what the API server says where it has words of its own] */
type Refusal = readonly [name: string, spec: unknown, field: string, says: string, server?: string];
const no = ([name, spec, field, says, server]: Refusal): Case => ({
  name,
  spec,
  verdict: "refused",
  field: field === "" ? "spec" : `spec.${field}`,
  says,
  ...(server === undefined ? {} : { server }),
});
const unknown = (
  name: string,
  spec: unknown,
  field: string,
  rest: "accepted" | "refused" = "accepted",
): Case => ({ name, spec, verdict: "unknown", field: `spec.${field}`, rest });

const REQUIRED = "Required value";
const typed = (type: string): string => `must be of type ${type}`;
const LATER = "later release";

const accepted: readonly Case[] = [
  ok("a target and a maximum", aSpec()),
  ok("no horizontal: only observed", { targetRef: TARGET }),
  ok("mode Active", aSpec({ mode: "Active" })),
  ok("mode Shadow", aSpec({ mode: "Shadow" })),
  ok("mode Paused", aSpec({ mode: "Paused" })),
  ok("a StatefulSet", aTarget({ kind: "StatefulSet" })),
  ok("a ReplicaSet", aTarget({ kind: "ReplicaSet" })),
  ok("a kind of someone's own group", aTarget({ apiVersion: "example.com/v1alpha1", kind: "Farm" })),
  ok("a ReplicationController, which has no group", aTarget({ apiVersion: "v1", kind: "ReplicationController" })),
  ok("a target's name with dots", aTarget({ name: "web.v2.shop" })),
  ok("a DaemonSet without horizontal", { targetRef: { ...TARGET, kind: "DaemonSet" } }),
  ok("a Job of another group than batch", aTarget({ apiVersion: "example.com/v1", kind: "Job" })),
  ok("minReplicas equal to maxReplicas", aHorizontal({ minReplicas: 10 })),
  ok("one replica at most", aSpec({ horizontal: { maxReplicas: 1 } })),
  ok("10,000 replicas at most", aHorizontal({ maxReplicas: 10_000 })),
  ok("an empty list of metrics means the default", following()),
  ok("cpu by utilization", following(resource({}))),
  ok("memory by utilization", following(resource({ name: "memory" }))),
  ok("one percent", reaching({ type: "Utilization", averageUtilization: 1 })),
  ok("more than the request", reaching({ type: "Utilization", averageUtilization: 400 })),
  ok("cpu in millicores", amount("250m")),
  ok("cpu in cores, quoted", amount("2")),
  ok("cpu in cores, a number", amount(2)),
  ok("cpu as a fraction, quoted", amount("0.5")),
  ok("cpu without a leading zero", amount(".5")),
  ok("cpu with a trailing point", amount("5.")),
  ok("cpu with a plus sign", amount("+1")),
  ok("cpu with an exponent", amount("25e-2")),
  ok("cpu with a capital exponent", amount("1E0")),
  ok("cpu in nanocores", amount("1n")),
  ok("memory in Mi", amount("512Mi", "memory")),
  ok("memory in G", amount("1.5G", "memory")),
  ok("memory in bytes", amount(1_048_576, "memory")),
  ok("memory of one byte", amount("1000m", "memory")),
  ok("memory at the largest amount", amount("8Ti", "memory")),
  ok("one container's cpu", following(container({}))),
  ok("one container's memory by amount", following(container({ name: "memory", target: { type: "AverageValue", averageValue: "1Gi" } }))),
  ok("cpu and memory", following(resource({}), resource({ name: "memory" }))),
  ok("a pod's cpu and a container's", following(resource({}), container({}))),
  ok("the same resource of two containers", following(container({}), container({ container: "proxy" }))),
  ok("two resources of one container", following(container({}), container({ name: "memory" }))),
  ok("twenty metrics", following(...Array.from({ length: 20 }, (_, index) => container({ container: `c${index}` })))),
  ok("an empty behavior: all defaults", aHorizontal({ behavior: {} })),
  ok("an empty direction: its defaults", behaving({})),
  ok("no window", behaving({ stabilizationWindowSeconds: 0 })),
  ok("the longest window", behaving({ stabilizationWindowSeconds: 3600 })),
  ok("never upwards", behaving({ selectPolicy: "Disabled" })),
  ok("the slowest policy", behaving({ selectPolicy: "Min" })),
  ok("the shortest period", limited({ periodSeconds: 1 })),
  ok("the longest period", limited({ periodSeconds: 1800 })),
  ok("ten times the replicas", limited({ type: "Percent", value: 1000 })),
  ok("twenty policies", behaving({ policies: Array.from({ length: 20 }, (_, index) => ({ type: "Pods", value: index + 1, periodSeconds: 60 })) })),
  ok("a tolerance in quotes", behaving({ tolerance: "0.05" })),
  ok("a tolerance in thousandths", behaving({ tolerance: "50m" })),
  ok("a tolerance of ten times the target", behaving({ tolerance: 10 })),
  ok("no tolerance at all", behaving({ tolerance: 0 })),
  ok("both directions in full", aHorizontal({
    behavior: {
      scaleUp: { stabilizationWindowSeconds: 30, selectPolicy: "Max", tolerance: "0.2", policies: [{ type: "Percent", value: 50, periodSeconds: 60 }] },
      scaleDown: { stabilizationWindowSeconds: 600, selectPolicy: "Min", tolerance: "0.1", policies: [{ type: "Pods", value: 1, periodSeconds: 300 }] },
    },
  })),
  ok("null for a field with a default", aSpec({ mode: null })),
  ok("null for horizontal", { targetRef: TARGET, horizontal: null }),
  ok("null for behavior, metrics and minReplicas", aHorizontal({ behavior: null, metrics: null, minReplicas: null })),
  ok("null for a field that is refused otherwise", aSpec({ updateMode: null, paused: null })),
]; // prettier-ignore

const acceptedVertical: readonly Case[] = [
  ok("vertical alone", aVertical({})),
  ok("vertical beside horizontal", aSpec({ vertical: {} })),
  ok("null for vertical", aSpec({ vertical: null })),
  ok("vertical in Shadow", aVertical({}, { mode: "Shadow" })),
  ok("vertical of a StatefulSet", aVertical({}, { targetRef: { ...TARGET, kind: "StatefulSet" } })),
  ok("vertical of a DaemonSet", aVertical({}, { targetRef: { ...TARGET, kind: "DaemonSet" } })),
  ok("vertical of a CronJob", aVertical({}, batch("CronJob"))),
  ok("vertical of a Job", aVertical({}, batch("Job"))),
  ok("apply.mode Off, the default", aVertical({ apply: { mode: "Off" } })),
  ok("an empty apply", aVertical({ apply: {} })),
  ok("mode InPlace", aVertical({ apply: { mode: "InPlace" } })),
  ok("mode Template", aVertical({ apply: { mode: "Template" } })),
  ok("apply.minReplicas", aVertical({ apply: { minReplicas: 2 } })),
  ok("apply.windows", aVertical({ apply: { windows: [{ schedule: "0 2 * * 1-5", duration: "2h", timeZone: "Europe/Berlin" }] } })),
  ok("controlledValues", allowing({ controlledValues: "RequestsOnly" })),
  ok("allowMemoryLimitDecrease", allowing({ allowMemoryLimitDecrease: true })),
  ok("memory by utilization beside vertical that only recommends", aSpec({ ...following(resource({ name: "memory" })), vertical: { apply: { mode: "Off" } } })),
  ok("an empty recommender: all defaults", recommending({})),
  ok("every field of the recommender", recommending({ cpuPercentile: 95, memoryPercentile: 100, marginPercent: 0, cpuHalfLife: "48h", memoryHalfLife: "1h30m" })),
  ok("the shortest half-life", recommending({ cpuHalfLife: "1m" })),
  ok("the shortest half-life in seconds", recommending({ cpuHalfLife: "60s" })),
  ok("the longest half-life", recommending({ memoryHalfLife: "8760h" })),
  ok("the smallest percentile", recommending({ cpuPercentile: 1 })),
  ok("the largest margin", recommending({ marginPercent: 100 })),
  ok("no container policies", containers()),
  ok("a policy for every container", containers({ containerName: "*" })),
  ok("a policy for one and for every other", containers({ containerName: "app", mode: "Off" }, { containerName: "*", mode: "Auto" })),
  ok("one resource only", allowing({ controlledResources: ["memory"] })),
  ok("both resources", allowing({ controlledResources: ["memory", "cpu"] })),
  ok("what is allowed", allowing({ minAllowed: { cpu: "25m", memory: "64Mi" }, maxAllowed: { cpu: 4, memory: "8Gi" } })),
  ok("least and most alike", allowing({ minAllowed: { cpu: "500m" }, maxAllowed: { cpu: "0.5" } })),
  ok("a least of one resource and a most of the other", allowing({ minAllowed: { cpu: "2" }, maxAllowed: { memory: "1Mi" } })),
  ok("one byte", allowing({ minAllowed: { memory: 1 } })),
  ok("an empty allowance", allowing({ minAllowed: {}, maxAllowed: {} })),
  ok("fifty container policies", containers(...Array.from({ length: 50 }, (_, index) => ({ containerName: `c${index}` })))),
]; // prettier-ignore

const wrongTargets: readonly Case[] = (
  [
    ["no targetRef", { horizontal: HORIZONTAL }, "targetRef", "is required", REQUIRED],
    ["an empty spec", {}, "targetRef", "is required", REQUIRED],
    ["null for targetRef", aSpec({ targetRef: null }), "targetRef", "is required", REQUIRED],
    ["a target by its name alone", aSpec({ targetRef: "web" }), "targetRef", "must be an object", typed("object")],
    ["no name", aSpec({ targetRef: without(TARGET, "name") }), "targetRef.name", "is required", REQUIRED],
    ["no kind", aSpec({ targetRef: without(TARGET, "kind") }), "targetRef.kind", "is required", REQUIRED],
    ["no apiVersion", aSpec({ targetRef: without(TARGET, "apiVersion") }), "targetRef.apiVersion", "is required", REQUIRED],
    ["an empty name", aTarget({ name: "" }), "targetRef.name", "must be the name of an object"],
    ["a name with a slash", aTarget({ name: "shop/web" }), "targetRef.name", "must be the name of an object"],
    ["a name in capitals", aTarget({ name: "Web" }), "targetRef.name", "must be the name of an object"],
    ["a name that is a number", aTarget({ name: 5 }), "targetRef.name", "must be a text", typed("string")],
    ["a name that is too long", aTarget({ name: "w".repeat(254) }), "targetRef.name", "at most 253 characters", "253 bytes"],
    ["a kind with a space", aTarget({ kind: "Deploy ment" }), "targetRef.kind", "must be the name of a kind"],
    ["an empty kind", aTarget({ kind: "" }), "targetRef.kind", "must be the name of a kind"],
    ["an apiVersion without its group", aTarget({ apiVersion: "v1" }), "targetRef.apiVersion", "must name the kind's group"],
    ["an apiVersion with two slashes", aTarget({ apiVersion: "apps/v1/x" }), "targetRef.apiVersion", "must be group/version"],
    ["an empty apiVersion", aTarget({ apiVersion: "" }), "targetRef.apiVersion", "must be group/version"],
    ["a DaemonSet with horizontal", aTarget({ kind: "DaemonSet" }), "targetRef", "have no scale subresource"],
    ["a CronJob with horizontal", aTarget({ apiVersion: "batch/v1", kind: "CronJob" }), "targetRef", "have no scale subresource"],
    ["a Job with horizontal", aTarget({ apiVersion: "batch/v1", kind: "Job" }), "targetRef", "have no scale subresource"],
  ] satisfies Refusal[]
).map(no); // prettier-ignore

const wrongFields: readonly Case[] = (
  [
    ["no spec", undefined, "", "is required", REQUIRED],
    ["a spec that is a list", [], "", "must be an object", typed("object")],
    ["the VPA's mode Off", aSpec({ mode: "Off" }), "mode", "must be one of Active, Shadow, Paused", 'supported values: "Active", "Shadow", "Paused"'],
    ["a mode in lower case", aSpec({ mode: "active" }), "mode", "must be one of", "supported values"],
    ["a mode that is a number", aSpec({ mode: 1 }), "mode", "must be one of", typed("string")],
    ["the VPA's updatePolicy", aSpec({ updatePolicy: { updateMode: "Auto" } }), "updatePolicy", "write spec.vertical.apply"],
    ["the VPA's updateMode", aSpec({ updateMode: "Auto" }), "updateMode", "write spec.vertical.apply.mode"],
    ["the VPA's resourcePolicy", aSpec({ resourcePolicy: { containerPolicies: [] } }), "resourcePolicy", "write spec.vertical.resourcePolicy"],
    ["the VPA's recommenders", aSpec({ recommenders: [{ name: "x" }] }), "recommenders", "write spec.vertical.recommender"],
    ["paused: true", aSpec({ paused: true }), "paused", "write mode: Paused"],
    ["paused: false", aSpec({ paused: false }), "paused", "write mode: Paused"],
    ["schedules", aSpec({ schedules: [{ schedule: "0 8 * * *" }] }), "schedules", LATER],
    ["KEDA's triggers", aSpec({ triggers: [{ type: "cron" }] }), "triggers", "write spec.horizontal.metrics"],
    ["minReplicas where the HPA has it", aSpec({ minReplicas: 2 }), "minReplicas", "write spec.horizontal.minReplicas"],
    ["maxReplicas where the HPA has it", aSpec({ maxReplicas: 2 }), "maxReplicas", "write spec.horizontal.maxReplicas"],
    ["metrics where the HPA has them", aSpec({ metrics: [resource({})] }), "metrics", "write spec.horizontal.metrics"],
    ["behavior where the HPA has it", aSpec({ behavior: {} }), "behavior", "write spec.horizontal.behavior"],
    ["paused under horizontal", aHorizontal({ paused: true }), "horizontal.paused", "write spec.mode: Paused"],
    ["schedules under horizontal", aHorizontal({ schedules: [] }), "horizontal.schedules", LATER],
    ["horizontal that is a switch", aSpec({ horizontal: true }), "horizontal", "must be an object", typed("object")],
    ["scaling to 0", aHorizontal({ minReplicas: 0 }), "horizontal.minReplicas", "must be at least 1"],
    ["a negative minimum", aHorizontal({ minReplicas: -1 }), "horizontal.minReplicas", "must be at least 1"],
    ["half a replica", aHorizontal({ minReplicas: 1.5 }), "horizontal.minReplicas", "must be a whole number", typed("int")],
    ["a minimum in quotes", aHorizontal({ minReplicas: "2" }), "horizontal.minReplicas", "must be a whole number", typed("integer")],
    ["a minimum beyond int32", aHorizontal({ minReplicas: 2 ** 31 }), "horizontal.minReplicas", "must be at most 2147483647", "less than or equal to 2147483647"],
    ["no maximum", aSpec({ horizontal: {} }), "horizontal.maxReplicas", "is required", REQUIRED],
    ["a maximum of 0", aHorizontal({ maxReplicas: 0 }), "horizontal.maxReplicas", "must be at least 1", "greater than or equal to 1"],
    ["more than 10,000 replicas", aHorizontal({ maxReplicas: 10_001 }), "horizontal.maxReplicas", "must be at most 10000", "less than or equal to 10000"],
    ["a maximum below the minimum", aHorizontal({ minReplicas: 11 }), "horizontal.maxReplicas", "must be at least minReplicas"],
    ["a maximum in quotes", aHorizontal({ maxReplicas: "20" }), "horizontal.maxReplicas", "must be a whole number", typed("integer")],
  ] satisfies Refusal[]
).map(no); // prettier-ignore

const FIRST = "horizontal.metrics[0]";
const TARGET_FIELD = `${FIRST}.resource.target`;
const AMOUNT = `${TARGET_FIELD}.averageValue`;

const wrongMetrics: readonly Case[] = (
  [
    ["metrics that are no list", aHorizontal({ metrics: "cpu" }), "horizontal.metrics", "must be a list", typed("array")],
    ["null in the list", following(null), FIRST, "must be an object", typed("object")],
    ["a metric without a type", following(without(resource({}), "type")), `${FIRST}.type`, "is required", REQUIRED],
    ["21 metrics", following(...Array.from({ length: 21 }, (_, index) => container({ container: `c${index}` }))), "horizontal.metrics", "at most 20 entries", "at most 20 items"],
    ["a Pods metric", following({ type: "Pods", pods: { metric: { name: "rps" }, target: { type: "AverageValue", averageValue: "10" } } }), `${FIRST}.pods`, LATER],
    ["the type Pods alone", following({ type: "Pods" }), `${FIRST}.type`, LATER],
    ["an Object metric", following({ type: "Object", object: { metric: { name: "rps" } } }), `${FIRST}.object`, LATER],
    ["the type Object", following({ type: "Object", object: {} }), `${FIRST}.type`, LATER],
    ["an External metric", following({ type: "External", external: { metric: { name: "queue" } } }), `${FIRST}.external`, LATER],
    ["the type External", following({ type: "External", external: {} }), `${FIRST}.type`, LATER],
    ["a Prometheus query", following({ type: "Prometheus", prometheus: { query: "up" } }), `${FIRST}.prometheus`, LATER],
    ["a type in lower case", following({ ...resource({}), type: "resource" }), `${FIRST}.type`, "must be Resource or ContainerResource"],
    ["a Pods block beside a Resource", following({ ...resource({}), pods: {} }), `${FIRST}.pods`, LATER],
    ["a type without its block", following({ type: "Resource" }), `${FIRST}.resource`, "goes with type: Resource"],
    ["a container type without its block", following({ type: "ContainerResource" }), `${FIRST}.containerResource`, "goes with type: ContainerResource"],
    ["the other type's block", following({ ...container({}), type: "Resource" }), `${FIRST}.containerResource`, "goes with type: ContainerResource, and only with it"],
    ["both blocks", following({ ...container({}), ...resource({}) }), `${FIRST}.containerResource`, "goes with type: ContainerResource, and only with it"],
    ["ephemeral storage", following(resource({ name: "ephemeral-storage" })), `${FIRST}.resource.name`, "must be cpu or memory"],
    ["a GPU", following(resource({ name: "nvidia.com/gpu" })), `${FIRST}.resource.name`, "must be cpu or memory"],
    ["CPU in capitals", following(resource({ name: "CPU" })), `${FIRST}.resource.name`, "must be cpu or memory"],
    ["a resource without a name", following({ type: "Resource", resource: without(CPU, "name") }), `${FIRST}.resource.name`, "is required", REQUIRED],
    ["a resource without a target", following({ type: "Resource", resource: { name: "cpu" } }), TARGET_FIELD, "is required", REQUIRED],
    ["a target without a type", reaching({ averageUtilization: 60 }), `${TARGET_FIELD}.type`, "is required", REQUIRED],
    ["a target of type Value", reaching({ type: "Value", value: "1" }), `${TARGET_FIELD}.type`, "must be Utilization or AverageValue"],
    ["a value", reaching({ type: "AverageValue", averageValue: "1", value: "1" }), `${TARGET_FIELD}.value`, "write averageValue"],
    ["no utilization", reaching({ type: "Utilization" }), `${TARGET_FIELD}.averageUtilization`, "goes with type: Utilization"],
    ["no amount", reaching({ type: "AverageValue" }), AMOUNT, "goes with type: AverageValue"],
    ["an amount for a utilization", reaching({ type: "Utilization", averageValue: "1" }), AMOUNT, "goes with type: AverageValue, and only with it"],
    ["a utilization for an amount", reaching({ type: "AverageValue", averageUtilization: 60 }), `${TARGET_FIELD}.averageUtilization`, "goes with type: Utilization, and only with it"],
    ["both a utilization and an amount", reaching({ type: "Utilization", averageUtilization: 60, averageValue: "1" }), AMOUNT, "goes with type: AverageValue, and only with it"],
    ["0 percent", reaching({ type: "Utilization", averageUtilization: 0 }), `${TARGET_FIELD}.averageUtilization`, "must be at least 1", "greater than or equal to 1"],
    ["a percentage beyond int32", reaching({ type: "Utilization", averageUtilization: 2 ** 31 }), `${TARGET_FIELD}.averageUtilization`, "must be at most 2147483647", "less than or equal to 2147483647"],
    ["half a percent", reaching({ type: "Utilization", averageUtilization: 0.5 }), `${TARGET_FIELD}.averageUtilization`, "must be a whole number", typed("int")],
    ["a percentage in quotes", reaching({ type: "Utilization", averageUtilization: "80" }), `${TARGET_FIELD}.averageUtilization`, "must be a whole number", typed("integer")],
    ["an amount of 0", amount("0"), AMOUNT, "must be greater than 0"],
    ["an amount of 0, a number", amount(0), AMOUNT, "must be greater than 0"],
    ["a negative amount", amount("-250m"), AMOUNT, "must be greater than 0"],
    ["an amount that is a fraction without quotes", amount(0.5), AMOUNT, "must be a text", typed("integer,string")],
    ["an amount that is a switch", amount(true), AMOUNT, "must be a text", typed("integer,string")],
    ["an amount that is a word", amount("much"), AMOUNT, "write a quantity such as 250m or 512Mi"],
    ["an empty amount", amount(""), AMOUNT, "must be a quantity"],
    ["an amount with a space", amount("1 Gi", "memory"), AMOUNT, "must be a quantity"],
    ["an amount in MB", amount("512MB", "memory"), AMOUNT, "must be a quantity"],
    ["an amount in a unit alone", amount("Mi", "memory"), AMOUNT, "must be a quantity"],
    ["an amount with two points", amount("1.2.3"), AMOUNT, "must be a quantity"],
    ["an amount with a huge exponent", amount("1e999999999"), AMOUNT, "must be a quantity"],
    ["an amount beyond 8Ti", amount("9Ti", "memory"), AMOUNT, "must be at most 8Ti"],
    ["an amount with an exponent beyond 8Ti", amount("1e99"), AMOUNT, "must be at most 8Ti"],
    ["an amount of too many characters", amount("1".repeat(33)), AMOUNT, "at most 32 characters", "32 bytes"],
    ["memory in thousandths of a byte", amount("512m", "memory"), TARGET_FIELD, "512m is half a byte"],
    ["cpu twice", following(resource({}), resource({ target: { type: "AverageValue", averageValue: "1" } })), "horizontal.metrics", "must not follow the same resource twice"],
    ["one container's cpu twice", following(container({}), container({})), "horizontal.metrics", "must not follow the same resource of a container twice"],
    ["a container metric without a container", following({ type: "ContainerResource", containerResource: CPU }), `${FIRST}.containerResource.container`, "is required", REQUIRED],
    ["an empty container", following(container({ container: "" })), `${FIRST}.containerResource.container`, "must be the name of a container"],
    ["a container with a dot", following(container({ container: "a.b" })), `${FIRST}.containerResource.container`, "must be the name of a container"],
    ["a container's GPU", following(container({ name: "nvidia.com/gpu" })), `${FIRST}.containerResource.name`, "must be cpu or memory"],
  ] satisfies Refusal[]
).map(no); // prettier-ignore

const UP = "horizontal.behavior.scaleUp";
const POLICY = `${UP}.policies[0]`;

const wrongBehavior: readonly Case[] = (
  [
    ["a behavior that is a word", aHorizontal({ behavior: "fast" }), "horizontal.behavior", "must be an object", typed("object")],
    ["a direction that is a list", behaving([]), UP, "must be an object", typed("object")],
    ["a negative window", behaving({ stabilizationWindowSeconds: -1 }), `${UP}.stabilizationWindowSeconds`, "must be at least 0", "greater than or equal to 0"],
    ["a window over an hour", behaving({ stabilizationWindowSeconds: 3601 }), `${UP}.stabilizationWindowSeconds`, "must be at most 3600", "less than or equal to 3600"],
    ["a window with a unit", behaving({ stabilizationWindowSeconds: "5m" }), `${UP}.stabilizationWindowSeconds`, "must be a whole number", typed("integer")],
    ["a downward window over an hour", aHorizontal({ behavior: { scaleDown: { stabilizationWindowSeconds: 3601 } } }), "horizontal.behavior.scaleDown.stabilizationWindowSeconds", "must be at most 3600", "less than or equal to 3600"],
    ["an unknown selectPolicy", behaving({ selectPolicy: "Average" }), `${UP}.selectPolicy`, "must be one of Max, Min, Disabled", "supported values"],
    ["no policies", behaving({ policies: [] }), `${UP}.policies`, "must have at least 1 entry", "at least 1 items"],
    ["21 policies", behaving({ policies: Array.from({ length: 21 }, () => ({ type: "Pods", value: 1, periodSeconds: 60 })) }), `${UP}.policies`, "at most 20 entries", "at most 20 items"],
    ["a policy of another type", limited({ type: "Pod" }), `${POLICY}.type`, "must be one of Pods, Percent", "supported values"],
    ["a policy of 0 pods", limited({ value: 0 }), `${POLICY}.value`, "must be at least 1", "greater than or equal to 1"],
    ["a policy of a negative percentage", limited({ type: "Percent", value: -5 }), `${POLICY}.value`, "must be at least 1", "greater than or equal to 1"],
    ["a policy without a value", behaving({ policies: [{ type: "Pods", periodSeconds: 60 }] }), `${POLICY}.value`, "is required", REQUIRED],
    ["a policy without a period", behaving({ policies: [{ type: "Pods", value: 4 }] }), `${POLICY}.periodSeconds`, "is required", REQUIRED],
    ["a policy without a type", behaving({ policies: [{ value: 4, periodSeconds: 60 }] }), `${POLICY}.type`, "must be one of", REQUIRED],
    ["a period of 0", limited({ periodSeconds: 0 }), `${POLICY}.periodSeconds`, "must be at least 1", "greater than or equal to 1"],
    ["a period over half an hour", limited({ periodSeconds: 1801 }), `${POLICY}.periodSeconds`, "must be at most 1800", "less than or equal to 1800"],
    ["a negative tolerance", behaving({ tolerance: "-0.1" }), `${UP}.tolerance`, "must not be negative"],
    ["a tolerance beyond any use", behaving({ tolerance: "1e6" }), `${UP}.tolerance`, "must be at most 1000"],
    ["a tolerance beyond JavaScript's whole numbers", behaving({ tolerance: 2 ** 53 }), `${UP}.tolerance`, "must be at most", "must be at most 1000"],
    ["a tolerance in percent", behaving({ tolerance: "10%" }), `${UP}.tolerance`, "write a quantity such as '0.05'"],
    ["a tolerance without quotes", behaving({ tolerance: 0.1 }), `${UP}.tolerance`, "must be a text", typed("integer,string")],
  ] satisfies Refusal[]
).map(no); // prettier-ignore

const APPLY = "vertical.apply";
const RECOMMENDER = "vertical.recommender";
const CONTAINERS = "vertical.resourcePolicy.containerPolicies";
const CONTAINER = `${CONTAINERS}[0]`;

const wrongVertical: readonly Case[] = (
  [
    ["vertical that is a switch", aVertical(true), "vertical", "must be an object", typed("object")],
    ["vertical of a ReplicaSet", aVertical({}, { targetRef: { ...TARGET, kind: "ReplicaSet" } }), "targetRef", "without a recommendation"],
    ["vertical of someone's own kind", aVertical({}, { targetRef: { ...TARGET, apiVersion: "example.com/v1", kind: "Deployment" } }), "targetRef", "without a recommendation"],
    ["a mode under vertical", aVertical({ mode: "Off" }), "vertical.mode", "write spec.vertical.apply.mode"],
    ["the VPA's updatePolicy under vertical", aVertical({ updatePolicy: { updateMode: "Off" } }), "vertical.updatePolicy", "write spec.vertical.apply"],
    ["the VPA's updateMode under vertical", aVertical({ updateMode: "Off" }), "vertical.updateMode", "write spec.vertical.apply.mode"],
    ["minReplicas under vertical", aVertical({ minReplicas: 2 }), "vertical.minReplicas", "write spec.vertical.apply.minReplicas"],
    ["container policies one level too high", aVertical({ containerPolicies: [] }), "vertical.containerPolicies", "write spec.vertical.resourcePolicy.containerPolicies"],
    ["the VPA's recommenders under vertical", aVertical({ recommenders: [] }), "vertical.recommenders", "write spec.vertical.recommender"],
    ["a startup boost", aVertical({ startupBoost: { cpu: {} } }), "vertical.startupBoost", "is not known here"],
    ["the VPA's mode Recreate", aVertical({ apply: { mode: "Recreate" } }), `${APPLY}.mode`, "must be one of Off, InPlace, Template"],
    ["mode Off without quotes, which YAML reads as false", aVertical({ apply: { mode: false } }), `${APPLY}.mode`, "must be a text", typed("string")],
    ["apply.minReplicas of 0", aVertical({ apply: { minReplicas: 0 } }), `${APPLY}.minReplicas`, "must be at least 1", "greater than or equal to 1"],
    ["a window of six fields", aVertical({ apply: { windows: [{ schedule: "0 0 2 * * 1-5", duration: "2h" }] } }), `${APPLY}.windows[0].schedule`, "must be a cron schedule of five fields"],
    ["a window without a duration", aVertical({ apply: { windows: [{ schedule: "0 2 * * *" }] } }), `${APPLY}.windows[0].duration`, "is required", REQUIRED],
    ["a window of a time zone with a space", aVertical({ apply: { windows: [{ schedule: "0 2 * * *", duration: "2h", timeZone: "Europe / Berlin" }] } }), `${APPLY}.windows[0].timeZone`, "must be the name of a time zone"],
    ["apply.updateMode", aVertical({ apply: { updateMode: "Off" } }), `${APPLY}.updateMode`, "write mode"],
    ["eviction requirements", aVertical({ apply: { evictionRequirements: [] } }), `${APPLY}.evictionRequirements`, "never evicted"],
    ["memory by utilization beside vertical that would apply it", aSpec({ ...following(resource({ name: "memory" })), vertical: { apply: { mode: "Template" } } }), "vertical", "leave it out of controlledResources"],
    ["a container's memory by utilization beside vertical that would apply it", aSpec({ ...following(container({ name: "memory" })), vertical: { apply: { mode: "InPlace" }, resourcePolicy: { containerPolicies: [{ containerName: "app", controlledResources: ["cpu"] }] } } }), "vertical", "leave it out of controlledResources"],
    ["a percentile of 0", recommending({ cpuPercentile: 0 }), `${RECOMMENDER}.cpuPercentile`, "must be at least 1", "greater than or equal to 1"],
    ["a percentile of 101", recommending({ memoryPercentile: 101 }), `${RECOMMENDER}.memoryPercentile`, "must be at most 100", "less than or equal to 100"],
    ["a percentile as a fraction", recommending({ cpuPercentile: 0.9 }), `${RECOMMENDER}.cpuPercentile`, "must be a whole number", typed("int")],
    ["a negative margin", recommending({ marginPercent: -1 }), `${RECOMMENDER}.marginPercent`, "must be at least 0", "greater than or equal to 0"],
    ["a margin of twice", recommending({ marginPercent: 200 }), `${RECOMMENDER}.marginPercent`, "must be at most 100", "less than or equal to 100"],
    ["a half-life below a minute", recommending({ cpuHalfLife: "59s" }), `${RECOMMENDER}.cpuHalfLife`, "must be at least 1m"],
    ["a half-life of nothing", recommending({ memoryHalfLife: "0h" }), `${RECOMMENDER}.memoryHalfLife`, "must be at least 1m"],
    ["a half-life beyond a year", recommending({ memoryHalfLife: "8761h" }), `${RECOMMENDER}.memoryHalfLife`, "must be at most 8760h"],
    ["a half-life in days", recommending({ cpuHalfLife: "1d" }), `${RECOMMENDER}.cpuHalfLife`, "must be a duration such as 24h"],
    ["a half-life without a unit", recommending({ cpuHalfLife: "24" }), `${RECOMMENDER}.cpuHalfLife`, "must be a duration such as 24h"],
    ["a half-life that is a number", recommending({ cpuHalfLife: 24 }), `${RECOMMENDER}.cpuHalfLife`, "must be a text", typed("string")],
    ["an empty half-life", recommending({ cpuHalfLife: "" }), `${RECOMMENDER}.cpuHalfLife`, "must be a duration such as 24h"],
    ["a recommender by name", recommending({ name: "other" }), `${RECOMMENDER}.name`, "there is one recommender"],
    ["a policy without its container", containers({ mode: "Off" }), `${CONTAINER}.containerName`, "is required", REQUIRED],
    ["a container with a capital", containers({ containerName: "App" }), `${CONTAINER}.containerName`, "must be the name of a container"],
    ["a container by a pattern", containers({ containerName: "app*" }), `${CONTAINER}.containerName`, "must be the name of a container"],
    ["one container twice", containers({ containerName: "app" }, { containerName: "app" }), `${CONTAINERS}[1]`, "must not list app twice", "Duplicate value"],
    ["every container twice", containers({ containerName: "*" }, { containerName: "app" }, { containerName: "*" }), `${CONTAINERS}[2]`, "must not list * twice", "Duplicate value"],
    ["51 container policies", containers(...Array.from({ length: 51 }, (_, index) => ({ containerName: `c${index}` }))), CONTAINERS, "at most 50 entries", "at most 50 items"],
    ["a container's mode Initial", allowing({ mode: "Initial" }), `${CONTAINER}.mode`, 'must be Auto or "Off"'],
    ["a container's mode Off without quotes", allowing({ mode: false }), `${CONTAINER}.mode`, "must be a text", typed("string")],
    ["no controlled resources", allowing({ controlledResources: [] }), `${CONTAINER}.controlledResources`, "must have at least 1 entry", "at least 1 items"],
    ["a controlled resource twice", allowing({ controlledResources: ["cpu", "cpu"] }), `${CONTAINER}.controlledResources[1]`, "must not list cpu twice", "Duplicate value"],
    ["ephemeral storage as a controlled resource", allowing({ controlledResources: ["ephemeral-storage"] }), `${CONTAINER}.controlledResources[0]`, "must be cpu or memory"],
    ["other controlledValues", allowing({ controlledValues: "Limits" }), `${CONTAINER}.controlledValues`, "must be RequestsAndLimits or RequestsOnly"],
    ["allowMemoryLimitDecrease in quotes", allowing({ allowMemoryLimitDecrease: "true" }), `${CONTAINER}.allowMemoryLimitDecrease`, "must be true or false", typed("boolean")],
    ["more cpu at least than at most", allowing({ minAllowed: { cpu: "2" }, maxAllowed: { cpu: "1999m" } }), `${CONTAINER}.maxAllowed`, "has less cpu than minAllowed"],
    ["more memory at least than at most", allowing({ minAllowed: { memory: "1Gi" }, maxAllowed: { memory: "1G" } }), `${CONTAINER}.maxAllowed`, "has less memory than minAllowed"],
    ["no cpu allowed", allowing({ maxAllowed: { cpu: "0" } }), `${CONTAINER}.maxAllowed.cpu`, "must be greater than 0"],
    ["negative cpu", allowing({ minAllowed: { cpu: "-1" } }), `${CONTAINER}.minAllowed.cpu`, "must be greater than 0"],
    ["more cpu than any node has", allowing({ maxAllowed: { cpu: "10001" } }), `${CONTAINER}.maxAllowed.cpu`, "must be at most 10k cores"],
    ["half a byte", allowing({ minAllowed: { memory: "512m" } }), `${CONTAINER}.minAllowed.memory`, "512m is half a byte"],
    ["no memory", allowing({ minAllowed: { memory: 0 } }), `${CONTAINER}.minAllowed.memory`, "must be at least one byte"],
    ["more memory than 8Ti", allowing({ maxAllowed: { memory: "9Ti" } }), `${CONTAINER}.maxAllowed.memory`, "must be at most 8Ti"],
    ["an amount that is none", allowing({ maxAllowed: { memory: "much" } }), `${CONTAINER}.maxAllowed.memory`, "write a quantity such as 512Mi"],
    ["the VPA's oomBumpUpRatio", allowing({ oomBumpUpRatio: "1.5" }), `${CONTAINER}.oomBumpUpRatio`, "is not set per container here"],
    ["the VPA's memoryAggregationIntervalSeconds", allowing({ memoryAggregationIntervalSeconds: 60 }), `${CONTAINER}.memoryAggregationIntervalSeconds`, "is not set per container here"],
  ] satisfies Refusal[]
).map(no); // prettier-ignore

const unknownFields: readonly Case[] = [
  unknown("a field of vertical", aVertical({ pace: 1 }), "vertical.pace"),
  unknown("a field of apply", aVertical({ apply: { when: "now" } }), "vertical.apply.when"),
  unknown("a field of the recommender", recommending({ gpuPercentile: 90 }), "vertical.recommender.gpuPercentile"),
  unknown("a field of a container policy", allowing({ weight: 1 }), `${CONTAINER}.weight`),
  unknown("a resource that is no field of an allowance", allowing({ minAllowed: { "ephemeral-storage": "1Gi" } }), `${CONTAINER}.minAllowed.ephemeral-storage`),
  unknown("a field of spec that nobody knows", aSpec({ speed: "fast" }), "speed"),
  unknown("a namespace in targetRef", aTarget({ namespace: "shop" }), "targetRef.namespace"),
  unknown("KEDA's minReplicaCount", aHorizontal({ minReplicaCount: 1 }), "horizontal.minReplicaCount"),
  unknown("a field of a metric", following({ ...resource({}), weight: 2 }), "horizontal.metrics[0].weight"),
  unknown("a field of a resource", following(resource({ window: "1m" })), "horizontal.metrics[0].resource.window"),
  unknown("a field of a target", reaching({ type: "Utilization", averageUtilization: 60, max: 90 }), "horizontal.metrics[0].resource.target.max"),
  unknown("a field of behavior", aHorizontal({ behavior: { scaleSideways: {} } }), "horizontal.behavior.scaleSideways"),
  unknown("a field of a direction", behaving({ cooldown: "5m" }), "horizontal.behavior.scaleUp.cooldown"),
  unknown("a field of a policy", limited({ unit: "s" }), "horizontal.behavior.scaleUp.policies[0].unit"),
  unknown("the HPA's scaleTargetRef instead of targetRef", { scaleTargetRef: TARGET, horizontal: HORIZONTAL }, "scaleTargetRef", "refused"),
  unknown("a field nobody knows beside a wrong one", aHorizontal({ minReplicas: 0, pace: 1 }), "horizontal.pace", "refused"),
]; // prettier-ignore

export const CASES: readonly Case[] = [
  ...accepted,
  ...acceptedVertical,
  ...wrongTargets,
  ...wrongFields,
  ...wrongMetrics,
  ...wrongBehavior,
  ...wrongVertical,
  ...unknownFields,
];
