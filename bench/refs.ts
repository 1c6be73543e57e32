import type { KubeObject } from "../mesh-runtime/api/meta.ts";
import type { ResourceRef } from "../mesh-runtime/kube-client/resource.ts";
import { refOf } from "../scenarios/mesh.ts";
import { namespace } from "./bench-pods.ts";

interface WithConditions extends KubeObject {
  readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
}

export const podRef = refOf({ apiVersion: "v1", kind: "Pod" }) as ResourceRef<WithConditions>;
export const serviceRef = refOf({ apiVersion: "v1", kind: "Service" }) as ResourceRef<WithConditions>;
export const policyRef = refOf({
  apiVersion: "security.istio.io/v1",
  kind: "AuthorizationPolicy",
}) as ResourceRef<WithConditions>;
export const namespaced = (name: string): { readonly namespace: string; readonly name: string } => ({
  namespace,
  name,
});
