import type { KubeObject } from "../../api/meta.ts";
import { errors } from "../api-error.ts";
import { decodeObject } from "../http/body.ts";
import type { ObjectRequest } from "../http/request.ts";
import type { Answer } from "../http/respond.ts";
import type { ResourceDeps } from "../resources/deps.ts";
import { timeText } from "../resources/deps.ts";

interface PodLike extends KubeObject {
  spec?: { nodeName?: string };
  status?: { conditions?: { type: string; status: string; lastTransitionTime?: string }[] };
}

/** POST `pods/<name>/binding`: a scheduler says on which node the pod runs. Throws 400, 404, 409. */
export async function bindPod(deps: ResourceDeps, request: ObjectRequest): Promise<Answer> {
  const { kind, target } = request;
  const name = target.name ?? "";
  const { value } = await decodeObject(request.raw, "Binding");
  const node = ((value ?? {}) as { target?: { name?: unknown } }).target?.name;
  if (typeof node !== "string" || node === "") {
    throw errors.badRequest("target.name: the binding names no node");
  }
  const stored = deps.store.get({ resource: "/pods", namespace: target.namespace ?? "", name });
  if (stored === undefined) {
    throw errors.notFound(kind, name);
  }
  const pod = stored.object as PodLike;
  if (pod.spec?.nodeName) {
    throw errors.conflict(kind, name, `pod ${name} is already assigned to node "${pod.spec.nodeName}"`);
  }
  if (pod.metadata?.deletionTimestamp !== undefined) {
    throw errors.conflict(kind, name, `pod ${name} is being deleted, cannot be assigned to a host`);
  }
  const others = (pod.status?.conditions ?? []).filter(({ type }) => type !== "PodScheduled");
  const scheduled = { type: "PodScheduled", status: "True", lastTransitionTime: timeText(deps.now()) };
  deps.store.update(stored, {
    ...pod,
    spec: { ...pod.spec, nodeName: node },
    status: { ...pod.status, conditions: [...others, scheduled] },
  } as KubeObject);
  const success = { kind: "Status", apiVersion: "v1", metadata: {}, status: "Success", code: 201 };
  return { code: 201, body: JSON.stringify(success), warnings: request.warnings };
}
