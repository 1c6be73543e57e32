import type { KindDefinition } from "../../api/kind.ts";
import type { KubeObject, ObjectMeta } from "../../api/meta.ts";
import { decode } from "../../api/schema/decode.ts";
import { dropNulls, prune } from "../../api/schema/prune.ts";
import type { Structural } from "../../api/schema/structural.ts";
import { failure } from "../../api/status.ts";
import { ApiError, errors } from "../api-error.ts";
import { isObject } from "../fields/atom.ts";
import type { Body } from "../http/body.ts";
import type { ApiRequest, ObjectRequest } from "../http/request.ts";
import type { WriteOptions } from "./options.ts";

/** Says no to a body whose parts do not fit the kind; the text depends on how the body came. */
export type Refuse = (problem: string) => ApiError;

/** `v1`, or `apps/v1`. */
export const groupVersionOf = (kind: KindDefinition, version: string): string =>
  kind.group === "" ? version : `${kind.group}/${version}`;

/** The refusal of a POST or PUT. */
export function refuseBody({ kind, target }: ObjectRequest): Refuse {
  const where = `${kind.kind} in version ${JSON.stringify(target.version)} cannot be handled as a ${kind.kind}`;
  return (problem) => errors.badRequest(`${where}: ${problem}`);
}

/** The refusal of a patch: its result does not fit. */
export function refusePatch(result: unknown): Refuse {
  return (problem) =>
    new ApiError(
      failure(422, "Invalid", ` "" is invalid: patch: Invalid value: ${shortened(result)}: ${problem}`, {
        causes: [
          { reason: "FieldValueInvalid", field: "patch", message: `Invalid value: ${shortened(result)}: ${problem}` },
        ],
      }),
    );
}

const shortened = (value: unknown): string => JSON.stringify(JSON.stringify(value)).slice(0, 2_000);

/** Checks that a body is an object of the kind and version that the path names. Throws 400. */
export function checkType(body: Body, { kind, target }: ObjectRequest): Readonly<Record<string, unknown>> {
  const { value } = body;
  if (!isObject(value)) {
    throw errors.badRequest(`the object provided is unrecognized (must be of type ${kind.kind}): it is no object`);
  }
  const wanted = groupVersionOf(kind, target.version);
  const found = value["kind"] ?? "";
  if (found !== "" && found !== kind.kind) {
    throw errors.badRequest(
      `${String(found)} in version ${JSON.stringify(target.version)} cannot be handled as a ${kind.kind}: converting (${String(value["apiVersion"] ?? "")}, Kind=${String(found)}) to (${wanted}, Kind=${kind.kind}): unknown conversion`,
    );
  }
  const version = value["apiVersion"] ?? "";
  if (version !== "" && version !== wanted) {
    throw errors.badRequest(
      `the API version in the data (${String(version)}) does not match the expected API version (${wanted})`,
    );
  }
  if (isObject(value["metadata"]) || value["metadata"] === undefined || value["metadata"] === null) {
    return value;
  }
  throw errors.badRequest(
    `${kind.kind} in version "${target.version}" cannot be handled as a ${kind.kind}: metadata is no object`,
  );
}

/**
 * Fits a value to its kind: values of a wrong type are refused, unknown fields dropped with a warning, or refused when
 * the client asked for strictness; defaults are filled in. The result is in the storage version. The merged result of an
 * apply keeps the nulls of custom kinds, so that validation refuses what a removal emptied.
 */
export function conform(
  request: ApiRequest & Pick<ObjectRequest, "kind" | "target">,
  value: Readonly<Record<string, unknown>>,
  duplicates: readonly string[],
  { fieldValidation }: Pick<WriteOptions, "fieldValidation">,
  refuse: Refuse,
  keepsNulls = false,
): KubeObject {
  const { kind, warnings } = request;
  const fitted = kind.native ? fitNative(kind, value, refuse) : fitCustom(kind, value, refuse, keepsNulls);
  const complaints = [...duplicates, ...fitted.unknown.map((path) => `unknown field ${JSON.stringify(path)}`)];
  if (complaints.length > 0 && fieldValidation === "Strict") {
    throw refuse(`strict decoding error: ${complaints.join(", ")}`);
  }
  if (fieldValidation === "Warn") {
    warnings.push(...complaints);
  }
  return kind.defaults({
    ...fitted.object,
    apiVersion: groupVersionOf(kind, kind.version),
    kind: kind.kind,
    metadata: fitted.object.metadata ?? {},
  });
}

interface Fitted {
  readonly object: KubeObject;
  readonly unknown: readonly string[];
}

function fitNative(kind: KindDefinition, value: Readonly<Record<string, unknown>>, refuse: Refuse): Fitted {
  const { object, unknown, error } = decode(kind.schema, value);
  if (error !== undefined) {
    throw refuse(error);
  }
  return { object: withoutEmpty(kind.schema, object) as KubeObject, unknown };
}

/** Metadata of custom kinds is decoded as of built-in ones; the rest is pruned, its types are validated later. */
function fitCustom(
  kind: KindDefinition,
  value: Readonly<Record<string, unknown>>,
  refuse: Refuse,
  keepsNulls: boolean,
): Fitted {
  const metaSchema = kind.schema.properties?.["metadata"] ?? {};
  const holder = { type: "object", goType: kind.schema.goType ?? "", properties: { metadata: metaSchema } } as const;
  const meta = decode(holder, { metadata: value["metadata"] ?? {} });
  if (meta.error !== undefined) {
    throw refuse(meta.error);
  }
  const { metadata: _metadata, ...rest } = value;
  const pruned = prune(kind.schema, rest);
  const filled = kind.defaults(pruned.value as KubeObject);
  const body = keepsNulls ? filled : dropNulls(kind.schema, filled);
  return {
    object: { ...body, metadata: withoutEmpty(metaSchema, meta.object["metadata"] ?? {}) as ObjectMeta },
    unknown: [...meta.unknown, ...pruned.unknown],
  };
}

/** Go leaves empty maps and lists of built-in types out (`omitempty`); empty structs stay. */
function withoutEmpty(schema: Structural, value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map((item) => withoutEmpty(schema.items ?? {}, item));
  }
  if (!isObject(value) || schema["x-kubernetes-preserve-unknown-fields"] === true) {
    return value;
  }
  const out: Record<string, unknown> = {};
  for (const [name, item] of Object.entries(value)) {
    const below = schema.properties?.[name] ?? schema.additionalProperties ?? {};
    const isEmpty = Array.isArray(item)
      ? item.length === 0
      : isObject(item) && below.additionalProperties !== undefined && Object.keys(item).length === 0;
    // An empty list of managers has a meaning of its own: forget them.
    if (!isEmpty || schema.properties === undefined || name === "managedFields") {
      out[name] = withoutEmpty(below, item);
    }
  }
  return out;
}
