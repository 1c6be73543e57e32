import { admitApplied } from "../../api/admission.ts";
import type { KubeObject } from "../../api/meta.ts";
import { ApiError, errors } from "../api-error.ts";
import type { JsonObject } from "../fields/atom.ts";
import { Conflict } from "../fields/conflict.ts";
import { goShape } from "../fields/go-shape.ts";
import { allowedByLastApplied, withLastApplied } from "../fields/last-applied.ts";
import { type Applied, applyFields } from "../fields/track.ts";
import { decodeYaml } from "../http/body.ts";
import type { ObjectRequest } from "../http/request.ts";
import type { Answer } from "../http/respond.ts";
import type { StoredObject } from "../store/store.ts";
import { inVersion, resourceOf } from "./deps.ts";
import { discardedFields, managersBeforeApply, withoutManagers } from "./managed.ts";
import { writtenAnswer } from "./mutate.ts";
import { isTrue, type WriteOptions } from "./options.ts";
import { createObject, updateObject, type WriteDeps, writerOf } from "./write.ts";

/** Server-side apply of a configuration in YAML or JSON. An object that is not there is created. */
export async function apply(
  deps: WriteDeps,
  request: ObjectRequest,
  text: string,
  options: WriteOptions,
): Promise<Answer> {
  const { kind, target, warnings } = request;
  const body = await decodeYaml(text, (problem) =>
    errors.badRequest(`error decoding YAML: error converting YAML to JSON: ${problem}`),
  );
  if (body.duplicates.length > 0) {
    if (options.fieldValidation === "Strict") {
      throw errors.badRequest(`error strict decoding YAML: ${body.duplicates.join(", ")}`);
    }
    warnings.push(...body.duplicates);
  }
  const name = target.name ?? "";
  const old = deps.store.get({ resource: resourceOf(kind), namespace: target.namespace ?? "", name });
  const refusal = admitApplied({
    kind,
    version: target.version,
    object: body.value,
    name,
    ...(target.namespace === undefined ? {} : { namespace: target.namespace }),
    ...(old === undefined ? {} : { old: old.object }),
  });
  if (refusal !== undefined) {
    throw new ApiError(refusal);
  }
  const sent = body.value as JsonObject;
  if ((sent["metadata"] as { managedFields?: unknown }).managedFields != null) {
    throw errors.badRequest("metadata.managedFields must be nil");
  }
  if (old === undefined && target.subresource !== undefined) {
    throw errors.notFound(kind, name);
  }
  const config = placedConfig(sent, request);
  const { object, managers } = merged(deps, request, { sent, config }, old, options.fieldManager);
  const managersOf = (): typeof managers => managers;
  if (old === undefined) {
    // A resourceVersion in the configuration means nothing where there is no object.
    const draft = { object: withoutVersion(object), operation: "apply", managersOf } as const;
    return writtenAnswer(deps, request, createObject(deps, request, draft, options), 201);
  }
  const draft = { object, operation: "apply", managersOf } as const;
  return writtenAnswer(deps, request, updateObject(deps, request, old, draft, options), 200);
}

/** With the namespace of the path, which the configuration may leave out. */
const placedConfig = (config: JsonObject, { kind, target }: ObjectRequest): JsonObject =>
  kind.namespaced
    ? { ...config, metadata: { ...(config["metadata"] as object), namespace: target.namespace } }
    : config;

function merged(
  deps: WriteDeps,
  request: ObjectRequest,
  { sent, config }: { readonly sent: JsonObject; readonly config: JsonObject },
  old: StoredObject | undefined,
  manager: string,
): { readonly object: JsonObject; readonly managers: Applied["managers"] } {
  const { kind, target, query } = request;
  const writer = writerOf(deps, request, manager, target.subresource);
  const stored = old === undefined ? {} : inVersion(old.object, kind, target.version);
  const managers = managersBeforeApply(kind, stored, writer);
  const live = withoutManagers(stored);
  const discarded = discardedFields(kind, target.subresource);
  const shape = goShape(kind);
  const run = (force: boolean): Applied =>
    applyFields(kind.schema, live, config, managers, writer, { force, discarded, shape });
  let applied: Applied;
  try {
    applied = run(isTrue(query.get("force") ?? "false"));
  } catch (error) {
    if (!(error instanceof Conflict)) {
      throw error;
    }
    const rest = manager === "kubectl" ? error.without(allowedByLastApplied(kind.schema, stored)) : error;
    if (rest !== undefined) {
      throw errors.managersConflict(rest.message, rest.causes);
    }
    applied = run(true);
  }
  const object = (applied.object ?? live) as KubeObject;
  const synced = manager === "kubectl" ? withLastApplied(object, sent) : object;
  return { object: synced as JsonObject, managers: applied.managers };
}

const withoutVersion = (object: JsonObject): JsonObject => {
  const { resourceVersion: _version, ...metadata } = (object["metadata"] ?? {}) as Record<string, unknown>;
  return { ...object, metadata };
};
