import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { convertObjects } from "../../src/import/convert.ts";
import { type Imported, importAll } from "../../src/import/policies.ts";
import { type Shape, SHAPES } from "./shapes.ts";

const KINDS: Readonly<Record<Shape["kind"], readonly [apiVersion: string, kind: string]>> = {
  "hpa/v1": ["autoscaling/v1", "HorizontalPodAutoscaler"],
  "hpa/v2": ["autoscaling/v2", "HorizontalPodAutoscaler"],
  "hpa/v2beta1": ["autoscaling/v2beta1", "HorizontalPodAutoscaler"],
  "hpa/v2beta2": ["autoscaling/v2beta2", "HorizontalPodAutoscaler"],
  "vpa/v1": ["autoscaling.k8s.io/v1", "VerticalPodAutoscaler"],
  "vpa/v1beta2": ["autoscaling.k8s.io/v1beta2", "VerticalPodAutoscaler"],
  so: ["keda.sh/v1alpha1", "ScaledObject"],
};

type Plain = Readonly<Record<string, unknown>>;

function objectOf({ kind, metadata = "", spec }: Shape, name = "web"): Plain {
  const [apiVersion, word] = KINDS[kind];
  const more = parse(`{${metadata}}`) as Plain;
  return {
    apiVersion,
    kind: word,
    metadata: { name, namespace: "shop", ...more },
    spec: parse(spec) as Plain,
  };
}

function convert(...objects: readonly unknown[]): Imported {
  const converted = objects.flatMap((object) => convertObjects(object));
  const conversions = converted.flatMap((one) => (one.kind === "converted" ? [one.conversion] : []));
  return importAll(conversions, { mode: "Shadow" });
}

const fieldsOf = ({ notes }: Imported): string[] => notes.flatMap((of) => of.notes.map(({ field }) => field));

describe.each(SHAPES)("$kind: $title", (shape) => {
  const object = objectOf(shape);
  const imported = convert(object);

  test("becomes what it says, or nothing", () => {
    const expected = shape.policy === undefined ? undefined : (parse(shape.policy) as unknown);
    const axis = shape.kind.startsWith("vpa") ? "vertical" : "horizontal";
    expect(imported.policies[0]?.spec[axis]).toEqual(expected);
  });

  test("tells what is not the same", () => {
    expect(fieldsOf(imported).toSorted()).toEqual(shape.notes.toSorted());
  });
});

test.each(SHAPES.filter(({ policy }) => policy !== undefined))(
  "$kind: $title: loses no field in silence: what is not told of makes another policy when it is another",
  (shape) => {
    const object = objectOf(shape);
    const imported = convert(object);
    const told = fieldsOf(imported);
    const silent = variants(object).filter(([path]) => !told.some((field) => path.startsWith(field)));
    for (const [path, changed] of silent)
      expect(convert(changed), `${path} was dropped`).not.toEqual(imported);
  },
);

/** Read by a list in metadata: what the API server wrote. */
const NOT_WISHES =
  /^metadata\.(uid|resourceVersion|generation|creationTimestamp|managedFields|ownerReferences|annotations.*conditions)/;

/** The object again, each time with one leaf changed to something that cannot be what it was. */
function variants(object: Plain): (readonly [path: string, changed: unknown])[] {
  return leaves(object)
    .filter(([path]) => path !== "apiVersion" && !NOT_WISHES.test(path))
    .map(([path, value, put]) => [path, put(another(value))]);
}

function another(value: unknown): unknown {
  if (typeof value === "number") return value + 1;
  return typeof value === "boolean" ? !value : `${String(value)}x`;
}

type Leaf = readonly [path: string, value: unknown, put: (other: unknown) => unknown];

function leaves(value: unknown, path = ""): Leaf[] {
  if (Array.isArray(value))
    return value.flatMap((entry, at) =>
      leaves(entry, `${path}[${at}]`).map(([inner, leaf, put]): Leaf => [
        inner,
        leaf,
        (other) => value.with(at, put(other)),
      ]),
    );
  if (typeof value !== "object" || value === null) return [[path, value, (other) => other]];
  return Object.entries(value).flatMap(([key, entry]) =>
    leaves(entry, path === "" ? key : `${path}.${key}`).map(([inner, leaf, put]): Leaf => [
      inner,
      leaf,
      (other) => ({ ...value, [key]: put(other) }),
    ]),
  );
}

test("there are fifty shapes of manifests and more", () => {
  expect(SHAPES.length).toBeGreaterThanOrEqual(50);
});

describe("several objects", () => {
  const [first] = SHAPES as [Shape];
  const web = objectOf(first);

  test("in a list, also one whose entries do not say their kind", () => {
    const { apiVersion, kind, ...entry } = web;
    expect(convert({ apiVersion, kind: `${String(kind)}List`, items: [entry] })).toEqual(convert(web));
    expect(convert({ apiVersion: "v1", kind: "List", items: [web] })).toEqual(convert(web));
  });

  test("that are something else are counted and nothing more", () => {
    expect(convertObjects({ apiVersion: "apps/v1", kind: "Deployment" })).toEqual([{ kind: "other" }]);
    expect(convertObjects(["text"])).toEqual([{ kind: "not-an-object" }]);
  });

  test("on one target and axis: the first is taken, the other is told by name", () => {
    const { policies, notes } = convert(web, objectOf(first, "again"));
    expect(policies).toHaveLength(1);
    expect(notes[1]?.notes).toEqual([
      expect.objectContaining({ kind: "refused", message: expect.stringContaining("web") as string }),
    ]);
  });

  test("keep their namespaces, and Shadow until someone writes Active", () => {
    const { policies } = convert(web);
    expect(policies[0]?.metadata).toEqual({ name: "web", namespace: "shop" });
    expect(policies[0]?.spec["mode"]).toBe("Shadow");
  });

  test("a paused ScaledObject becomes a paused policy", () => {
    const paused = SHAPES.find(({ title }) => title.startsWith("paused"))!;
    expect(convert(objectOf(paused)).policies[0]?.spec["mode"]).toBe("Paused");
  });

  test("an object without a name is refused, and a ScaledJob has no equivalent", () => {
    const nameless = convert({ ...web, metadata: {} });
    expect(nameless.policies).toEqual([]);
    expect(fieldsOf(nameless)).toContain("metadata.name");
    const job = convert({ apiVersion: "keda.sh/v1alpha1", kind: "ScaledJob", metadata: { name: "j" } });
    expect(fieldsOf(job)).toEqual(["kind"]);
  });
});
