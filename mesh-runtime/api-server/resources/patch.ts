import type { KindDefinition } from "../../api/kind.ts";
import type { KubeObject } from "../../api/meta.ts";
import { type FieldError, failure, type Status } from "../../api/status.ts";
import { ApiError, errors } from "../api-error.ts";
import { isObject } from "../fields/atom.ts";
import { decodeJson, mediaType, readBytes, textOf } from "../http/body.ts";
import type { ObjectRequest } from "../http/request.ts";
import type { Answer } from "../http/respond.ts";
import { JsonPatchError, jsonPatch } from "../patch/json-patch.ts";
import { mergePatch } from "../patch/merge-patch.ts";
import { StrategicMergeError, strategicMerge } from "../patch/strategic-merge.ts";
import { apply } from "./apply.ts";
import { inVersion, resourceOf } from "./deps.ts";
import { managersOfUpdate } from "./managed.ts";
import { writtenAnswer } from "./mutate.ts";
import { isTrue, writeOptions } from "./options.ts";
import { type Draft, updateObject, type WriteDeps, writerOf } from "./write.ts";

const types = {
  json: "application/json-patch+json",
  merge: "application/merge-patch+json",
  strategic: "application/strategic-merge-patch+json",
  apply: "application/apply-patch+yaml",
} as const;

function patchType(request: ObjectRequest): keyof typeof types {
  const sent = mediaType(request.raw);
  const found = (Object.keys(types) as (keyof typeof types)[]).find((type) => types[type] === sent);
  if (found === undefined || (found === "strategic" && !request.kind.native)) {
    const accepted = [types.json, types.merge, ...(request.kind.native ? [types.strategic] : []), types.apply];
    throw errors.unsupportedMediaType(
      `the body of the request was in an unknown format - accepted media types include: ${accepted.join(", ")}`,
    );
  }
  return found;
}

/** PATCH of an object or of its status, in any of the four ways. */
export async function patch(deps: WriteDeps, request: ObjectRequest): Promise<Answer> {
  const type = patchType(request);
  checkOptions(request, type);
  const options = writeOptions(request, "PatchOptions");
  const text = textOf(await readBytes(request.raw));
  if (type === "apply") {
    return apply(deps, request, text, options);
  }
  const { kind, target } = request;
  const { value } = decodeJson(text, (problem) => errors.badRequest(`error decoding patch: ${problem}`));
  const name = target.name ?? "";
  const old = deps.store.get({ resource: resourceOf(kind), namespace: target.namespace ?? "", name });
  if (old === undefined) {
    throw errors.notFound(kind, name);
  }
  const current = inVersion(old.object, kind, target.version);
  const result = patched(kind, type, current, value);
  const misfit = misfitOf(result);
  if (!isObject(result)) {
    throw new ApiError(misfit("the patch leaves no object"));
  }
  if (result["kind"] !== kind.kind || result["apiVersion"] !== current.apiVersion) {
    throw new ApiError(misfit("a patch cannot change apiVersion and kind"));
  }
  const writer = writerOf(deps, request, options.fieldManager, target.subresource);
  const draft: Draft = {
    object: result,
    operation: "update",
    misfit,
    managersOf: (next) => managersOfUpdate(kind, old.object, next, writer),
  };
  return writtenAnswer(deps, request, updateObject(deps, request, old, draft, options), 200);
}

const shownCharsMax = 2_000;

/** The refusal of a patch whose result does not fit the kind. */
function misfitOf(result: unknown): (problem: string) => Status {
  return (problem) => {
    const message = `Invalid value: ${JSON.stringify(JSON.stringify(result)).slice(0, shownCharsMax)}: ${problem}`;
    return failure(422, "Invalid", ` "" is invalid: patch: ${message}`, {
      causes: [{ reason: "FieldValueInvalid", field: "patch", message }],
    });
  };
}

function patched(
  kind: KindDefinition,
  type: "json" | "merge" | "strategic",
  current: KubeObject,
  value: unknown,
): unknown {
  if (type === "json") {
    if (!Array.isArray(value)) {
      throw errors.badRequest("error decoding patch: a JSON patch is a list of operations");
    }
    try {
      return jsonPatch(current, value);
    } catch (error) {
      throw error instanceof JsonPatchError
        ? new ApiError(
            failure(
              422,
              "Invalid",
              `the server rejected our request due to an error in our request: ${error.message}`,
              {},
            ),
          )
        : error;
    }
  }
  if (!isObject(value)) {
    throw errors.badRequest("error decoding patch: a merge patch is an object");
  }
  if (type === "merge") {
    return mergePatch(current, value);
  }
  try {
    return strategicMerge(kind.schema, current, value);
  } catch (error) {
    throw error instanceof StrategicMergeError ? errors.badRequest(error.message) : error;
  }
}

function checkOptions({ query }: ObjectRequest, type: keyof typeof types): void {
  const found: FieldError[] = [];
  if (type === "apply" && (query.get("fieldManager") ?? "") === "") {
    found.push({
      reason: "FieldValueRequired",
      field: "fieldManager",
      message: "Required value: is required for apply patch",
    });
  }
  if (type !== "apply" && query.has("force") && isTrue(query.get("force"))) {
    found.push({
      reason: "FieldValueForbidden",
      field: "force",
      message: "Forbidden: may not be specified for non-apply patch",
    });
  }
  if (found.length > 0) {
    throw errors.invalidOptions("PatchOptions", found);
  }
}
