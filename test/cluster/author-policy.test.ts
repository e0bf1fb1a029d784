/** The admission policies of deploy/plimsoll.yaml: a ScalePolicy gives nobody a right that they do not have. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { AUTHOR, kindsExpression, TARGET_KINDS } from "../../generate/deploy-admission.ts";
import { nameOf } from "../fail-safe/row.ts";
import { controlPlane, operatorKubeconfig } from "./control-plane.ts";
import type { ControlPlane } from "./control-plane.ts";
import { installManifest, may, policyObject, uninstallManifest, until } from "./installation.ts";
import type { TargetRef } from "./installation.ts";

const WEB: TargetRef = { apiVersion: "apps/v1", kind: "Deployment", name: "web" };
const ROLLOUT: TargetRef = { apiVersion: "argoproj.io/v1alpha1", kind: "Rollout", name: "web" };
const SCALE = { group: "apps", resource: "deployments/scale" };

let plane: ControlPlane;
let namespace: string;
beforeAll(async () => {
  plane = await controlPlane();
  await installManifest(plane);
});
afterAll(() => uninstallManifest(plane));
beforeEach(async () => {
  namespace = await plane.namespace("author");
});

/** A user who may do everything with policies, and what else is given; resolves to a kubeconfig. */
async function author(rules: readonly object[] = []): Promise<string> {
  const user = `author-of-${namespace}`;
  const policies = { apiGroups: ["plimsoll.dev"], resources: ["scalepolicies"], verbs: ["*"] };
  const api = "rbac.authorization.k8s.io";
  const metadata = { name: user, namespace };
  await plane.apply([
    { apiVersion: `${api}/v1`, kind: "Role", metadata, rules: [policies, ...rules] },
    {
      apiVersion: `${api}/v1`,
      kind: "RoleBinding",
      metadata,
      roleRef: { apiGroup: api, kind: "Role", name: user },
      subjects: [{ apiGroup: api, kind: "User", name: user }],
    },
  ]);
  await until("the binding", () =>
    may(plane, { user }, { verb: "create", group: "plimsoll.dev", resource: "scalepolicies", namespace }),
  );
  return plane.kubeconfigFor({ name: user });
}

const scaling = (resourceNames?: readonly string[]): object => ({
  apiGroups: [SCALE.group],
  resources: [SCALE.resource],
  verbs: ["update"],
  ...(resourceNames && { resourceNames }),
});

function apply(kubeconfig: string, policy: object): Promise<string> {
  return plane.kubectlWith(
    { kubeconfig, input: JSON.stringify(policy) },
    "apply",
    "-n",
    namespace,
    "-f",
    "-",
  );
}

test(nameOf("S02"), async () => {
  const withoutRight = apply(await author(), policyObject("web", WEB));
  await expect(withoutRight).rejects.toThrow(/you may not update deployments\/scale of web/);
  namespace = await plane.namespace("author");
  expect(await apply(await author([scaling()]), policyObject("web", WEB))).toMatch(/created/);
});

describe("creating a policy", () => {
  test("is allowed to someone who may scale the target", async () => {
    expect(await apply(await author([scaling()]), policyObject("web", WEB))).toMatch(/created/);
  });

  test("S02 is refused to someone who may not, and the message names the right", async () => {
    await expect(apply(await author(), policyObject("web", WEB))).rejects.toThrow(
      `spec.targetRef: you may not update deployments/scale of web in namespace ${namespace}, ` +
        "so a ScalePolicy of yours may not either",
    );
  });

  test("asks about the very target: a right on one name is none on another", async () => {
    const kubeconfig = await author([scaling(["web"])]);
    expect(await apply(kubeconfig, policyObject("web", WEB))).toMatch(/created/);
    const api = policyObject("api", { ...WEB, name: "api" });
    await expect(apply(kubeconfig, api)).rejects.toThrow(/you may not update deployments\/scale of api/);
  });

  test("asks in the namespace of the policy: a right elsewhere is none here", async () => {
    const kubeconfig = await author([scaling()]);
    const elsewhere = await plane.namespace("elsewhere");
    const user = `author-of-${namespace}`;
    const role = `--clusterrole=edit`;
    await plane.kubectl("create", "rolebinding", "edit", role, `--user=${user}`, "-n", elsewhere);
    await plane.kubectl("delete", "rolebinding", user, "-n", namespace);
    await plane.kubectl(
      "create",
      "role",
      "policies",
      "--verb=*",
      "--resource=scalepolicies.plimsoll.dev",
      "-n",
      namespace,
    );
    await plane.kubectl(
      "create",
      "rolebinding",
      "policies",
      "--role=policies",
      `--user=${user}`,
      "-n",
      namespace,
    );
    await until("the lost right", async () => {
      const right = { verb: "update", ...SCALE, namespace };
      const create = { verb: "create", group: "plimsoll.dev", resource: "scalepolicies", namespace };
      return !(await may(plane, { user }, right)) && (await may(plane, { user }, create));
    });
    await expect(apply(kubeconfig, policyObject("web", WEB))).rejects.toThrow(/you may not update/);
  });
});

describe("a policy that writes requests", () => {
  const patching = (group: string, resource: string): object => ({
    apiGroups: [group],
    resources: [resource],
    verbs: ["patch"],
  });
  const writing = (mode: string): object => ({
    apiVersion: "plimsoll.dev/v1alpha1",
    kind: "ScalePolicy",
    metadata: { name: "web" },
    spec: { targetRef: WEB, vertical: { apply: { mode } } },
  });

  test.each([
    { mode: "Off", rights: [], lacks: undefined },
    { mode: "InPlace", rights: [], lacks: "patch pods/resize" },
    { mode: "InPlace", rights: [patching("", "pods/resize")], lacks: undefined },
    { mode: "Template", rights: [patching("", "pods/resize")], lacks: "patch deployments web" },
    { mode: "Template", rights: [patching("apps", "deployments")], lacks: undefined },
  ])("in mode $mode, with $rights beside scaling, lacks: $lacks", async ({ mode, rights, lacks }) => {
    const applied = apply(await author([scaling(), ...rights]), writing(mode));
    if (lacks === undefined) expect(await applied).toMatch(/created/);
    else
      await expect(applied).rejects.toThrow(
        `spec.vertical.apply.mode: you may not ${lacks} in namespace ${namespace}, ` +
          `so a ScalePolicy of yours with mode ${mode} may not either`,
      );
  });
});

describe("changing a policy", () => {
  test("is refused without the right when spec changes, and free when only a label does", async () => {
    const spec = policyObject("web", WEB);
    await plane.apply(spec, "-n", namespace);
    const kubeconfig = await author();
    const label = ["label", "scalepolicy/web", "-n", namespace, "team=shop"];
    expect(await plane.kubectlWith({ kubeconfig }, ...label)).toMatch(/labeled/);
    await expect(apply(kubeconfig, policyObject("web", WEB, 6))).rejects.toThrow(/you may not update/);
  });

  test("is allowed with the right", async () => {
    const kubeconfig = await author([scaling()]);
    await apply(kubeconfig, policyObject("web", WEB));
    expect(await apply(kubeconfig, policyObject("web", WEB, 6))).toMatch(/configured/);
  });

  test("deleting needs no right on the target", async () => {
    await plane.apply(policyObject("web", WEB), "-n", namespace);
    const kubeconfig = await author();
    const gone = await plane.kubectlWith({ kubeconfig }, "delete", "scalepolicy/web", "-n", namespace);
    expect(gone).toMatch(/deleted/);
  });
});

describe("a kind that is not listed", () => {
  const list = (kinds: Readonly<Record<string, string>>): Promise<string> => {
    const path = "/spec/variables/0/expression";
    const patch = JSON.stringify([{ op: "replace", path, value: kindsExpression(kinds) }]);
    return plane.kubectl("patch", "validatingadmissionpolicy", AUTHOR, "--type=json", "-p", patch);
  };

  test("is refused to everyone, with the place where to list it", async () => {
    await expect(plane.apply(policyObject("web", ROLLOUT), "-n", namespace)).rejects.toThrow(
      "spec.targetRef: Rollout.argoproj.io is not listed in ValidatingAdmissionPolicy plimsoll-author; " +
        "a cluster administrator adds it there and lets the operator scale it (docs/rbac.md)",
    );
  });

  test("is checked like any other once it is listed, in the core group too", async () => {
    const controller = { apiVersion: "v1", kind: "ReplicationController", name: "web" };
    const more = { "Rollout.argoproj.io": "rollouts", ReplicationController: "replicationcontrollers" };
    await list({ ...TARGET_KINDS, ...more });
    const kubeconfig = await author([
      { apiGroups: ["argoproj.io"], resources: ["rollouts/scale"], verbs: ["update"] },
    ]);
    const accepted = (policy: object): Promise<boolean> =>
      apply(kubeconfig, policy).then(
        () => true,
        () => false,
      );
    await until("the listing", () => accepted(policyObject("rollout", ROLLOUT)));
    await expect(apply(kubeconfig, policyObject("controller", controller))).rejects.toThrow(
      /you may not update replicationcontrollers\/scale of web/,
    );
    await list(TARGET_KINDS);
  });

  test("a namesake in another group is another kind", async () => {
    const foreign = policyObject("web", { ...WEB, apiVersion: "example.com/v1" });
    await expect(plane.apply(foreign, "-n", namespace)).rejects.toThrow(
      /Deployment.example.com is not listed/,
    );
  });
});

test("an installation that was removed and made anew works like the first", async () => {
  await uninstallManifest(plane);
  await installManifest(plane);
  expect(await apply(await author([scaling()]), policyObject("web", WEB))).toMatch(/created/);
});

test("status is written by the operator, and by nobody else", async () => {
  const path = `/apis/plimsoll.dev/v1alpha1/namespaces/${namespace}/scalepolicies/web/status`;
  const display = { metrics: "cpu 50%/60%", requests: "" };
  const body = { status: { observedGeneration: 1, conditions: [], recentActs: [], display } };
  await plane.apply(policyObject("web", WEB), "-n", namespace);
  const refused = await plane.request("PATCH", path, { body });
  expect(refused.status).toBe(403);
  expect(refused.body).toMatchObject({ message: expect.stringMatching(/only the operator writes it/) });

  const { tokenFile } = await operatorKubeconfig();
  const written = await plane.request("PATCH", path, { body, tokenFile });
  expect(written.status).toBe(200);
  expect(written.body).toMatchObject(body);
});
