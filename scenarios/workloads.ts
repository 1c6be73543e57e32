import type { KubeObject } from "../mesh-runtime/api/meta.ts";
import type { ResourceRef } from "../mesh-runtime/kube-client/resource.ts";
import { refOf, type TestMesh } from "./mesh.ts";

export interface WithConditions extends KubeObject {
  readonly spec?: Record<string, unknown>;
  readonly status?: {
    readonly conditions?: readonly {
      readonly type: string;
      readonly status: string;
      readonly reason?: string;
      readonly message?: string;
      readonly observedGeneration?: number | string;
    }[];
    readonly podIP?: string;
  };
}

export const podRef = refOf({ apiVersion: "v1", kind: "Pod" }) as ResourceRef<WithConditions>;
export const serviceRef = refOf({ apiVersion: "v1", kind: "Service" }) as ResourceRef<WithConditions>;
export const policyRef = refOf({
  apiVersion: "security.istio.io/v1",
  kind: "AuthorizationPolicy",
}) as ResourceRef<WithConditions>;
export const peerAuthenticationRef = refOf({
  apiVersion: "security.istio.io/v1",
  kind: "PeerAuthentication",
}) as ResourceRef<WithConditions>;

export const namespace = (name: string, enrolled: boolean): KubeObject => ({
  apiVersion: "v1",
  kind: "Namespace",
  metadata: { name, labels: { "istio.io/dataplane-mode": enrolled ? "ambient" : "none" } },
});

export const serviceAccount = (at: string, name: string): KubeObject => ({
  apiVersion: "v1",
  kind: "ServiceAccount",
  metadata: { name, namespace: at },
});

/** A pod of a built-in image on a node, running as the ServiceAccount of its own name. */
export const pod = (at: string, name: string, node: string, image: string, port?: number): KubeObject =>
  ({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace: at, labels: { app: name, version: "v1" } },
    spec: {
      nodeName: node,
      serviceAccountName: name,
      terminationGracePeriodSeconds: 1,
      containers: [{ name, image, ...(port !== undefined && { ports: [{ containerPort: port }] }) }],
    },
  }) as KubeObject;

export const service = (at: string, name: string, port: number): KubeObject =>
  ({
    apiVersion: "v1",
    kind: "Service",
    metadata: { name, namespace: at },
    spec: { selector: { app: name }, ports: [{ name: "http", port, targetPort: port }] },
  }) as KubeObject;

export const allow = (at: string, name: string, callers: readonly string[]): KubeObject =>
  ({
    apiVersion: "security.istio.io/v1",
    kind: "AuthorizationPolicy",
    metadata: { name, namespace: at },
    spec: { action: "ALLOW", rules: [{ from: [{ source: { serviceAccounts: callers } }] }] },
  }) as KubeObject;

export const deny = (at: string, name: string, callers: readonly string[]): KubeObject =>
  ({
    apiVersion: "security.istio.io/v1",
    kind: "AuthorizationPolicy",
    metadata: { name, namespace: at },
    spec: { action: "DENY", rules: [{ from: [{ source: { serviceAccounts: callers } }] }] },
  }) as KubeObject;

export const mutualTls = (at: string, mode: "STRICT" | "PERMISSIVE"): KubeObject =>
  ({
    apiVersion: "security.istio.io/v1",
    kind: "PeerAuthentication",
    metadata: { name: "default", namespace: at },
    spec: { mtls: { mode } },
  }) as KubeObject;

const isTrue = (object: WithConditions | undefined, type: string): boolean =>
  Boolean(object?.status?.conditions?.some((condition) => condition.type === type && condition.status === "True"));

export async function podReady(mesh: TestMesh, at: string, name: string): Promise<WithConditions> {
  const found = await mesh.until(podRef, { namespace: at, name }, (object) => isTrue(object, "Ready"));
  if (found === undefined) {
    throw new Error(`pod ${at}/${name} is not there`);
  }
  return found;
}

export async function podCaptured(mesh: TestMesh, at: string, name: string): Promise<void> {
  await mesh.until(
    podRef,
    { namespace: at, name },
    (object) => object?.metadata?.annotations?.["ambient.istio.io/redirection"] === "enabled",
  );
}

/** Applies a policy and waits for the receipt of that very generation: enforced on every proxy. */
export async function enforce(mesh: TestMesh, policy: KubeObject): Promise<void> {
  await mesh.apply(policy);
  const ref = refOf(policy) as ResourceRef<WithConditions>;
  const { name = "", namespace: at = "" } = policy.metadata ?? {};
  await mesh.until(ref, { namespace: at, name }, (object) =>
    Boolean(
      object?.status?.conditions?.some(
        ({ type, status, observedGeneration }) =>
          type === "towpath.dev/Enforced" &&
          status === "True" &&
          Number(observedGeneration) === object.metadata?.generation,
      ),
    ),
  );
}
