import { errors } from "../api-error.ts";
import { decodeObject } from "../http/body.ts";
import type { ObjectRequest } from "../http/request.ts";
import type { Answer } from "../http/respond.ts";
import { optionsOf, remove } from "../resources/delete.ts";
import type { ResourceDeps } from "../resources/deps.ts";

/** POST `pods/<name>/eviction`: how `kubectl drain` deletes. Nothing forbids a disruption here. Throws 400, 404, 409. */
export async function evictPod(deps: ResourceDeps, request: ObjectRequest): Promise<Answer> {
  const { kind, target, warnings } = request;
  const { value } = await decodeObject(request.raw, "Eviction");
  const options = optionsOf(((value ?? {}) as { deleteOptions?: unknown }).deleteOptions ?? {}, request.query);
  const name = target.name ?? "";
  const stored = deps.store.get({ resource: "/pods", namespace: target.namespace ?? "", name });
  if (stored === undefined) {
    throw errors.notFound(kind, name);
  }
  remove(deps, kind, stored, options);
  const success = { kind: "Status", apiVersion: "v1", metadata: {}, status: "Success", code: 201 };
  return { code: 201, body: JSON.stringify(success), warnings };
}
