import type { KubeObject } from "../../api/meta.ts";
import { checkApplied } from "../../api/schema/applied.ts";
import { errors } from "../api-error.ts";
import { isObject, type JsonObject } from "../fields/atom.ts";
import { Conflict } from "../fields/conflict.ts";
import { goShape } from "../fields/go-shape.ts";
import { allowedByLastApplied, withLastApplied } from "../fields/last-applied.ts";
import { type Applied, applyFields } from "../fields/track.ts";
import { decodeYaml } from "../http/body.ts";
import type { ObjectRequest } from "../http/request.ts";
import type { Answer } from "../http/respond.ts";
import type { StoredObject } from "../store/store.ts";
import { conform, groupVersionOf, type Refuse } from "./conform.ts";
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
  const sent = checkConfig(body.value, request);
  const config = placedConfig(sent, request);
  const name = target.name ?? "";
  const old = deps.store.get({ resource: resourceOf(kind), namespace: target.namespace ?? "", name });
  const uid = (config["metadata"] as { uid?: string } | undefined)?.uid;
  if (old === undefined && target.subresource !== undefined) {
    throw errors.notFound(kind, name);
  }
  if (old === undefined && uid) {
    throw errors.conflict(
      kind,
      name,
      `uid mismatch: the provided object specified uid ${uid}, and no existing object was found`,
    );
  }
  const { object, managers } = merged(deps, request, { sent, config }, old, options.fieldManager);
  const refuse: Refuse = (problem) => errors.badRequest(`${typedPatch(request, config)}: ${problem}`);
  if (old === undefined) {
    const fitted = conform(request, withoutVersion(object), [], options, refuse, true);
    return writtenAnswer(
      deps,
      request,
      createObject(deps, request, fitted, options, () => managers),
      201,
    );
  }
  const fitted = conform(request, object, [], options, refuse, true);
  return writtenAnswer(deps, request, updateObject(deps, request, old, fitted, options, managers), 200);
}

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

function typedPatch({ kind, target }: ObjectRequest, config: JsonObject): string {
  const { namespace = "", name = "" } = (config["metadata"] ?? {}) as { namespace?: string; name?: string };
  const gv = `${kind.group}/${target.version}`;
  return `failed to create typed patch object (${namespace}/${name}; ${kind.group === "" ? `/${target.version}` : gv}, Kind=${kind.kind})`;
}

/** Checks that a configuration fits path and schema. Throws 400. */
function checkConfig(value: unknown, request: ObjectRequest): JsonObject {
  const { kind, target } = request;
  if (!isObject(value)) {
    throw errors.badRequest("error decoding YAML: the configuration is no object");
  }
  const apiVersion = groupVersionOf(kind, target.version);
  if (value["kind"] !== kind.kind || value["apiVersion"] !== apiVersion) {
    const found = `${String(value["apiVersion"] ?? "/")}, Kind=${String(value["kind"] ?? "")}`;
    throw errors.badRequest(
      value["kind"] === undefined || value["apiVersion"] === undefined
        ? `invalid object type: ${found}`
        : `the object in the configuration is ${found}, the path is for ${apiVersion}, Kind=${kind.kind}`,
    );
  }
  const problems = checkApplied(kind.schema, value);
  if (problems.length > 0) {
    throw errors.badRequest(
      `${typedPatch(request, value)}: ${problems.length === 1 ? problems.join("") : `errors:\n  ${problems.join("\n  ")}`}`,
    );
  }
  const meta = (value["metadata"] ?? {}) as { name?: string; namespace?: string; managedFields?: unknown };
  if (meta.managedFields !== undefined && meta.managedFields !== null) {
    throw errors.badRequest("metadata.managedFields must be nil");
  }
  const name = target.name ?? "";
  if (!meta.name) {
    throw errors.badRequest(`the name of the object (${name} based on URL) was undeterminable: name must be provided`);
  }
  if (meta.name !== name) {
    throw errors.badRequest(`the name of the object (${meta.name}) does not match the name on the URL (${name})`);
  }
  if (kind.namespaced && meta.namespace && meta.namespace !== target.namespace) {
    throw errors.badRequest("the namespace of the provided object does not match the namespace sent on the request");
  }
  return value;
}

/** With the namespace of the path, which the configuration may leave out. */
const placedConfig = (config: JsonObject, { kind, target }: ObjectRequest): JsonObject =>
  kind.namespaced
    ? { ...config, metadata: { ...(config["metadata"] as object), namespace: target.namespace } }
    : config;
