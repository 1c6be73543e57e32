import * as z from "zod";
import type { KindDefinition, ScaleSubresource } from "../../api/kind.ts";
import type { KubeObject } from "../../api/meta.ts";
import { errors } from "../api-error.ts";
import { isObject } from "../fields/atom.ts";
import { decodeJson, decodeObject, mediaType, readBytes, textOf } from "../http/body.ts";
import type { ObjectRequest } from "../http/request.ts";
import type { Answer } from "../http/respond.ts";
import { jsonPatch } from "../patch/json-patch.ts";
import { mergePatch } from "../patch/merge-patch.ts";
import type { StoredObject } from "../store/store.ts";
import { inVersion, resourceOf } from "./deps.ts";
import { managersOfUpdate } from "./managed.ts";
import { writeOptions } from "./options.ts";
import { type Draft, updateObject, type WriteDeps, writerOf } from "./write.ts";

const scaleSchema = z.object({
  metadata: z
    .object({ name: z.string().optional(), resourceVersion: z.string().optional(), uid: z.string().optional() })
    .optional(),
  spec: z.object({ replicas: z.int().min(0).max(1_000).default(0) }).default({ replicas: 0 }),
});

/** GET, PUT, PATCH of `<kind>/<name>/scale`: the number of replicas as `autoscaling/v1` Scale. */
export async function scale(deps: WriteDeps, request: ObjectRequest): Promise<Answer> {
  const { kind, target, warnings } = request;
  const paths = kind.scale;
  const name = target.name ?? "";
  const stored = deps.store.get({ resource: resourceOf(kind), namespace: target.namespace ?? "", name });
  if (paths === undefined) {
    throw errors.noResource();
  }
  if (stored === undefined) {
    throw errors.notFound(kind, name);
  }
  const current = scaleOf(paths, stored.object);
  if (request.method === "GET") {
    return { code: 200, body: JSON.stringify(current), warnings };
  }
  const wanted = scaleSchema.safeParse(await wantedScale(request, current));
  if (!wanted.success) {
    const field = wanted.error.issues[0]?.path.join(".") ?? "";
    throw errors.invalid("autoscaling", "Scale", name, [
      { reason: "FieldValueInvalid", field, message: `Invalid value: ${wanted.error.issues[0]?.message ?? ""}` },
    ]);
  }
  const { metadata, spec } = wanted.data;
  const written = write(deps, request, kind, stored, paths, spec.replicas, metadata?.resourceVersion);
  return { code: 200, body: JSON.stringify(scaleOf(paths, written)), warnings };
}

function write(
  deps: WriteDeps,
  request: ObjectRequest,
  kind: KindDefinition,
  stored: StoredObject,
  paths: ScaleSubresource,
  replicas: number,
  resourceVersion: string | undefined,
): KubeObject {
  const options = writeOptions(request, request.method === "PUT" ? "UpdateOptions" : "PatchOptions");
  const next = put(stored.object, paths.specReplicasPath, replicas);
  const version = resourceVersion || String(stored.revision);
  const versioned = { ...next, metadata: { ...next.metadata, resourceVersion: version } };
  const writer = writerOf(deps, request, options.fieldManager, "scale");
  const draft: Draft = {
    object: inVersion(versioned, kind, request.target.version),
    operation: "update",
    managersOf: (meant) => managersOfUpdate(kind, stored.object, meant, writer),
  };
  return updateObject(deps, request, stored, draft, options).object;
}

async function wantedScale(request: ObjectRequest, current: object): Promise<unknown> {
  if (request.method === "PUT") {
    return (await decodeObject(request.raw, "Scale")).value;
  }
  const { value } = decodeJson(textOf(await readBytes(request.raw)), (problem) =>
    errors.badRequest(`error decoding patch: ${problem}`),
  );
  switch (mediaType(request.raw)) {
    case "application/merge-patch+json":
    case "application/strategic-merge-patch+json":
      return mergePatch(current, value);
    case "application/json-patch+json":
      try {
        return jsonPatch(current, Array.isArray(value) ? value : []);
      } catch (error) {
        throw errors.badRequest(error instanceof Error ? error.message : "the patch cannot be carried out");
      }
    default:
      throw errors.unsupportedMediaType(
        "the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json",
      );
  }
}

function scaleOf(paths: ScaleSubresource, object: KubeObject): object {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata ?? {};
  return {
    kind: "Scale",
    apiVersion: "autoscaling/v1",
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp },
    spec: { replicas: Number(get(object, paths.specReplicasPath) ?? 0) },
    status: {
      replicas: Number(get(object, paths.statusReplicasPath) ?? 0),
      selector: selectorText(get(object, paths.labelSelectorPath) ?? get(object, ".spec.selector")),
    },
  };
}

const partsOf = (path: string): string[] => path.split(".").filter((part) => part !== "");

const get = (object: unknown, path: string): unknown =>
  partsOf(path).reduce<unknown>((value, part) => (isObject(value) ? value[part] : undefined), object);

function put(object: KubeObject, path: string, value: unknown): KubeObject {
  const set = (target: unknown, [first, ...rest]: readonly string[]): unknown =>
    first === undefined
      ? value
      : { ...(isObject(target) ? target : {}), [first]: set(isObject(target) ? target[first] : undefined, rest) };
  return set(object, partsOf(path)) as KubeObject;
}

/** A label selector as text, the way autoscalers want it. */
function selectorText(selector: unknown): string {
  if (typeof selector === "string") {
    return selector;
  }
  const labels = isObject(selector) && isObject(selector["matchLabels"]) ? selector["matchLabels"] : {};
  return Object.entries(labels)
    .map(([name, value]) => `${name}=${String(value)}`)
    .sort()
    .join(",");
}
