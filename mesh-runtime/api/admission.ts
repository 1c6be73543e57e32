/**
 * What happens between a request's body and the store, as one pure function: envelope, decoding or pruning, defaults,
 * strategy, validation, webhook. Same verdicts as a kube-apiserver with Istio's CRDs and webhook.
 */
import type { AdmissionContext, KindDefinition } from "./kind.ts";
import { apiVersionOf, type KubeObject, type ObjectMeta, parseApiVersion } from "./meta.ts";
import { checkApplied } from "./schema/applied.ts";
import { decode } from "./schema/decode.ts";
import { copy, equal, get, isObject, type JsonObject } from "./schema/json.ts";
import { omitEmpty } from "./schema/omit-empty.ts";
import { dropNulls, fillDefaults, prune } from "./schema/prune.ts";
import { badRequest, failure, invalid, type Status } from "./status.ts";

export type FieldValidation = "Strict" | "Warn" | "Ignore";

export interface AdmissionRequest {
  readonly kind: KindDefinition;
  /** The served version of the path; the kind's own when left out. */
  readonly version?: string;
  /**
   * `create`: POST. `update`: PUT, or the result of a patch. `apply`: the merged result of a server-side apply
   * (check the body before merging with `admitApplied`).
   */
  readonly operation: "create" | "update" | "apply";
  /** The body. Never changed. */
  readonly object: unknown;
  /** The stored object; required for `update`, and for `apply` to an existing one. */
  readonly old?: KubeObject;
  /** Of the path; absent for cluster-wide kinds. */
  readonly namespace?: string;
  /** Of the path; absent for POST to a collection. */
  readonly name?: string;
  /** Default: Warn, as in Kubernetes. */
  readonly fieldValidation?: FieldValidation;
  readonly subresource?: "status";
  /** A dry run takes a resourceVersion in the body of a create; a real one does not. */
  readonly dryRun?: boolean;
  readonly context?: AdmissionContext;
  /** What the decoder of the text has to complain about (keys given twice), treated as unknown fields are. */
  readonly complaints?: readonly string[];
  /** The refusal of a body whose parts do not fit the kind; default: 400 with Kubernetes' text for POST and PUT. */
  readonly misfit?: (problem: string) => Status;
  /**
   * Sees the object as its writer means it, with defaults, before the server's own changes: the place to note who
   * owns which field and to stamp what the server keeps. What it returns goes on.
   */
  readonly track?: (object: KubeObject) => KubeObject;
}

export type AdmissionResult =
  | { readonly ok: true; readonly object: KubeObject; readonly warnings: readonly string[] }
  | { readonly ok: false; readonly status: Status; readonly warnings: readonly string[] };

const envelopeFields = new Set(["apiVersion", "kind", "metadata"]);

/** Longest body of a generated name, so that the suffix fits into 63 characters. */
const maxGeneratedPrefix = 58;

/** Runs a write through admission. Pure but for `context`, whose allocators run last and only on success. */
export function admit(request: AdmissionRequest): AdmissionResult {
  const { kind, old, context = {} } = request;
  const warnings: string[] = [];
  const refuse = (status: Status): AdmissionResult => ({ ok: false, status, warnings });

  const envelope = openEnvelope(request, warnings);
  if ("status" in envelope) {
    return refuse(envelope.status);
  }
  const decoded = decodeBody(request, envelope.object, warnings);
  if ("status" in decoded) {
    return refuse(decoded.status);
  }
  const misplaced = checkPlace(request, decoded.object);
  if (misplaced) {
    return refuse(misplaced);
  }
  if (request.operation === "create" && !request.dryRun && metadataOf(decoded.object).resourceVersion) {
    return refuse(failure(500, "", "resourceVersion should not be set on objects to be created"));
  }
  const meant = kind.defaults(place(request, decoded.object));
  const tracked = request.track?.(meant) ?? meant;
  const prepared =
    request.subresource === "status" && old !== undefined
      ? withStatusOf(old, tracked)
      : kind.prepare(tracked, old, context);
  const object = withGeneration(kind, prepared, old);

  const unready = request.subresource ? undefined : kind.refuse?.(object, old, context);
  if (unready) {
    return refuse(unready);
  }
  const errors =
    request.subresource === "status" && old !== undefined
      ? kind.validateStatus(object, old)
      : kind.validate(object, old);
  if (errors.length > 0) {
    return refuse(invalid(kind.group, kind.kind, object.metadata?.name ?? "", errors));
  }
  if (request.subresource) {
    return { ok: true, object, warnings };
  }
  const verdict = kind.admit(object, old);
  warnings.push(...verdict.warnings);
  if (verdict.refusal !== undefined) {
    return refuse(failure(400, "", `admission webhook "validation.istio.io" denied the request: ${verdict.refusal}`));
  }
  return { ok: true, object: kind.finish?.(object, old, context) ?? object, warnings };
}

/**
 * Checks the body of a server-side apply before it is merged: its kind and name, and that every field fits the
 * schema. Where Kubernetes answers 500 to a field that does not fit, this says 400.
 */
export function admitApplied(request: Omit<AdmissionRequest, "operation">): Status | undefined {
  const { kind, object: body, old } = request;
  if (!isObject(body)) {
    return badRequest("error decoding YAML: the object provided is unrecognized");
  }
  const gvk = `${typeof body["apiVersion"] === "string" ? body["apiVersion"] : ""}`;
  const parsed = parseApiVersion(gvk);
  const version = parsed?.version ?? "";
  const sent = `${parsed?.group ?? ""}/${version}, Kind=${typeof body["kind"] === "string" ? body["kind"] : ""}`;
  const served = parsed?.group === kind.group && version === (request.version ?? kind.version);
  if (!served || body["kind"] !== kind.kind) {
    return badRequest(`invalid object type: ${sent}`);
  }
  const misplaced = checkPlace({ ...request, operation: "apply" }, body);
  if (misplaced) {
    return misplaced;
  }
  const meta = metadataOf(body);
  if (meta.name === undefined || meta.name === null || meta.name === "") {
    return badRequest(
      `the name of the object (${request.name ?? ""} based on URL) was undeterminable: name must be provided`,
    );
  }
  if (Array.isArray(meta.managedFields) && meta.managedFields.length > 0) {
    return badRequest("metadata.managedFields must be nil");
  }
  const named = typeof meta.name === "string" ? meta.name : "";
  if (old === undefined && typeof meta.uid === "string" && meta.uid !== "") {
    const resource = kind.group === "" ? kind.plural : `${kind.plural}.${kind.group}`;
    return failure(
      409,
      "Conflict",
      `Operation cannot be fulfilled on ${resource} "${named}": uid mismatch: the provided object specified uid ${meta.uid}, and no existing object was found`,
      { name: named, ...(kind.group === "" ? {} : { group: kind.group }), kind: kind.plural },
    );
  }
  const problems = checkApplied(kind.schema, body, kind.native);
  if (problems.length === 0) {
    return undefined;
  }
  const where = kind.namespaced ? `${request.namespace ?? ""}/${named}` : `/${named}`;
  const text = problems.length === 1 ? problems.join("") : `errors:\n  ${problems.join("\n  ")}`;
  return badRequest(
    `failed to create typed patch object (${where}; ${apiVersionOf(kind.group, version).replace(/^(?!.*\/)/, "/")}, Kind=${kind.kind}): ${text}`,
  );
}

/** Makes sure of an object of the right kind; POST and PUT may leave kind and apiVersion out. */
function openEnvelope(request: AdmissionRequest, warnings: string[]): { object: JsonObject } | { status: Status } {
  const { kind, object: body } = request;
  const version = request.version ?? kind.version;
  if (!isObject(body)) {
    return { status: badRequest(`the object provided is unrecognized (must be of type ${kind.kind}): not an object`) };
  }
  const sentKind = body["kind"] ?? kind.kind;
  const sentVersion = body["apiVersion"] ?? apiVersionOf(kind.group, version);
  if (typeof sentKind !== "string" || typeof sentVersion !== "string") {
    const field = typeof sentKind === "string" ? "apiVersion" : "kind";
    return {
      status: badRequest(
        `couldn't get version/kind; json parse error: json: cannot unmarshal ${typeof body[field]} into Go struct field .${field} of type string`,
      ),
    };
  }
  const parsed = parseApiVersion(sentVersion);
  if (!parsed) {
    return { status: badRequest(`unexpected GroupVersion string: ${sentVersion}`) };
  }
  if (sentKind !== kind.kind || parsed.group !== kind.group) {
    const cannot = `${sentKind} in version ${JSON.stringify(sentVersion)} cannot be handled as a ${kind.kind}`;
    const why = kind.native
      ? `converting (${parsed.version}.${sentKind}) to (${kind.group === "" ? "core" : kind.group}.${kind.kind}): unknown conversion`
      : `no kind ${JSON.stringify(sentKind)} is registered for version ${JSON.stringify(sentVersion)}`;
    return { status: badRequest(`${cannot}: ${why}`) };
  }
  if (parsed.version !== version && !kind.served.includes(parsed.version)) {
    // Without a schema for that version a custom kind's decoder knows the envelope only.
    const strange = kind.native ? [] : Object.keys(body).filter((key) => !envelopeFields.has(key));
    const complaint = complaints(request, strange, warnings);
    if (complaint !== undefined) {
      return { status: misfit(request, parsed.version, complaint) };
    }
    return {
      status: badRequest(
        `the API version in the data (${sentVersion}) does not match the expected API version (${apiVersionOf(kind.group, version)})`,
      ),
    };
  }
  return { object: { ...body, kind: sentKind, apiVersion: sentVersion } };
}

function decodeBody(
  request: AdmissionRequest,
  body: JsonObject,
  warnings: string[],
): { object: JsonObject } | { status: Status } {
  const { kind, operation } = request;
  const version = String(body["apiVersion"]).split("/").pop() ?? "";
  const refusal = (text: string) => ({ status: misfit(request, version, text) });
  let object: JsonObject;
  let unknown: readonly string[];
  if (kind.native) {
    const decoded = decode(kind.schema, body);
    if (decoded.error !== undefined) {
      return refusal(decoded.error);
    }
    object = omitEmpty(kind.schema, decoded.object);
    unknown = decoded.unknown;
  } else {
    const metadata = decodeMetadata(kind, body);
    if (metadata.error !== undefined) {
      return refusal(metadata.error);
    }
    const pruned = prune(kind.schema, body);
    const kept = { ...pruned.value, metadata: metadata.object };
    // A merged apply keeps its nulls, to be refused; a body loses those that mean nothing.
    object = operation === "apply" ? kept : dropNulls(kind.schema, fillDefaults(kind.schema, kept));
    unknown = pruned.unknown;
  }
  const complaint = complaints(request, unknown, warnings);
  return complaint === undefined ? { object } : refusal(complaint);
}

function misfit(request: AdmissionRequest, version: string, text: string): Status {
  const { kind } = request.kind;
  return (
    request.misfit?.(text) ?? badRequest(`${kind} in version "${version}" cannot be handled as a ${kind}: ${text}`)
  );
}

/** What a strict reader refuses with; a lenient one gets it as warnings. */
function complaints(request: AdmissionRequest, unknown: readonly string[], warnings: string[]): string | undefined {
  const mode = request.fieldValidation ?? "Warn";
  const texts = [...(request.complaints ?? []), ...unknown.map((path) => `unknown field "${path}"`)];
  if (texts.length > 0 && mode === "Strict") {
    return `strict decoding error: ${texts.join(", ")}`;
  }
  if (mode === "Warn") {
    warnings.push(...texts);
  }
  return undefined;
}

function decodeMetadata(kind: KindDefinition, body: JsonObject): { object: JsonObject; error?: string } {
  const property = get(kind.schema.properties, "metadata");
  if (property === undefined || body["metadata"] === undefined) {
    return { object: {} };
  }
  const wrapper = { type: "object", properties: { metadata: property } } as const;
  const decoded = decode(wrapper, { metadata: body["metadata"] });
  const object = isObject(decoded.object["metadata"]) ? omitEmpty(property, decoded.object["metadata"]) : {};
  return decoded.error === undefined ? { object } : { object, error: decoded.error };
}

const metadataOf = (object: JsonObject): ObjectMeta =>
  isObject(object["metadata"]) ? (object["metadata"] as ObjectMeta) : {};

/** Name and namespace of the body must be those of the path. */
function checkPlace(request: AdmissionRequest, object: JsonObject): Status | undefined {
  const meta = metadataOf(object);
  const namespace = request.kind.namespaced ? (request.namespace ?? "") : "";
  if (typeof meta.namespace === "string" && meta.namespace !== "" && meta.namespace !== namespace) {
    return badRequest("the namespace of the provided object does not match the namespace sent on the request");
  }
  // Before a body is decoded its name may be anything; the schema says so.
  const named = typeof meta.name === "string" && meta.name !== "";
  if (request.operation !== "create" && named && request.name && meta.name !== request.name) {
    return badRequest(`the name of the object (${meta.name}) does not match the name on the URL (${request.name})`);
  }
  return undefined;
}

/** Name and namespace of the path, and a generated name where only a prefix is given. */
function place(request: AdmissionRequest, object: JsonObject): KubeObject {
  const meta = metadataOf(object);
  const name = meta.name || (request.operation === "create" ? "" : (request.name ?? ""));
  const generated =
    name === "" && meta.generateName
      ? meta.generateName.slice(0, maxGeneratedPrefix) + (request.context?.random?.() ?? "")
      : name;
  const namespace = request.kind.namespaced ? (meta.namespace ?? request.namespace) : undefined;
  const { old } = request;
  return {
    ...object,
    metadata: {
      ...meta,
      ...(generated === "" ? {} : { name: generated }),
      ...(namespace === undefined ? {} : { namespace }),
      // Leaving these out of an update means "as it is".
      ...(old === undefined ? {} : kept(meta, old.metadata ?? {})),
    },
  } as KubeObject;
}

function kept(meta: ObjectMeta, old: ObjectMeta): Partial<ObjectMeta> {
  const fields: Partial<ObjectMeta> = {};
  for (const field of ["uid", "creationTimestamp"] as const) {
    if (!meta[field] && old[field]) {
      fields[field] = old[field];
    }
  }
  // Deletion is asked for by DELETE only.
  if (old.deletionTimestamp) {
    fields.deletionTimestamp = old.deletionTimestamp;
    if (old.deletionGracePeriodSeconds !== undefined) {
      fields.deletionGracePeriodSeconds = old.deletionGracePeriodSeconds;
    }
  }
  return fields;
}

/** A write to the status subresource takes the status, and metadata that belongs to writers, from the body. */
function withStatusOf(old: KubeObject, object: KubeObject): KubeObject {
  const { status } = object as { status?: unknown };
  const { metadata } = object;
  return {
    ...copy(old),
    metadata: {
      ...old.metadata,
      resourceVersion: metadata?.resourceVersion,
      managedFields: metadata?.managedFields,
      name: metadata?.name,
      namespace: metadata?.namespace,
      uid: metadata?.uid,
    },
    ...(status === undefined ? {} : { status }),
  } as KubeObject;
}

/** 1 on create; one more when the wish changed. Kinds without generation have none. */
function withGeneration(kind: KindDefinition, object: KubeObject, old: KubeObject | undefined): KubeObject {
  const { generation, ...metadata } = object.metadata ?? {};
  if (kind.generationFields.length === 0) {
    return { ...object, metadata };
  }
  const changed = kind.generationFields.some((path) => !equal(fieldAt(object, path), fieldAt(old, path)));
  const before = old?.metadata?.generation ?? 0;
  return { ...object, metadata: { ...metadata, generation: old === undefined ? 1 : before + (changed ? 1 : 0) } };
}

/** The value at a dotted path. */
function fieldAt(object: KubeObject | undefined, path: string): unknown {
  return path.split(".").reduce<unknown>((at, name) => (isObject(at) ? get(at, name) : undefined), object);
}
