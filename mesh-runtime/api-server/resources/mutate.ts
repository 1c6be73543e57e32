import { errors } from "../api-error.ts";
import { decodeObject } from "../http/body.ts";
import type { ObjectRequest } from "../http/request.ts";
import type { Answer } from "../http/respond.ts";
import { checkType, conform, refuseBody } from "./conform.ts";
import { inVersion, resourceOf } from "./deps.ts";
import { managersOfCreate, managersOfUpdate } from "./managed.ts";
import { writeOptions } from "./options.ts";
import { objectAnswer, unstoredAnswer } from "./read.ts";
import { createObject, updateObject, type WriteDeps, type Written, writerOf } from "./write.ts";

/** The answer with what a write made of an object. */
export function writtenAnswer(deps: WriteDeps, request: ObjectRequest, written: Written, code: number): Answer {
  return written.stored === undefined
    ? unstoredAnswer(deps, request, inVersion(written.object, request.kind, request.target.version), code)
    : objectAnswer(deps, request, written.stored, code);
}

/** POST to a collection. */
export async function create(deps: WriteDeps, request: ObjectRequest): Promise<Answer> {
  const options = writeOptions(request, "CreateOptions");
  const body = await decodeObject(request.raw, request.kind.kind);
  const value = checkType(body, request);
  const draft = conform(request, value, body.duplicates, options, refuseBody(request));
  const writer = writerOf(deps, request, options.fieldManager);
  const written = createObject(deps, request, draft, options, (object) =>
    managersOfCreate(request.kind, object, writer),
  );
  return writtenAnswer(deps, request, written, 201);
}

/** PUT of an object or of its status. */
export async function replace(deps: WriteDeps, request: ObjectRequest): Promise<Answer> {
  const { kind, target } = request;
  const options = writeOptions(request, "UpdateOptions");
  const body = await decodeObject(request.raw, kind.kind);
  const value = checkType(body, request);
  const next = conform(request, value, body.duplicates, options, refuseBody(request));
  const name = target.name ?? "";
  const sentName = next.metadata?.name ?? "";
  if (sentName !== name) {
    throw errors.badRequest(
      sentName === ""
        ? `the name of the object (${name} based on URL) was undeterminable: name must be provided`
        : `the name of the object (${sentName}) does not match the name on the URL (${name})`,
    );
  }
  const old = deps.store.get({ resource: resourceOf(kind), namespace: target.namespace ?? "", name });
  const writer = writerOf(deps, request, options.fieldManager, target.subresource);
  if (old === undefined) {
    if (!kind.createOnUpdate || target.subresource !== undefined) {
      throw errors.notFound(kind, name);
    }
    const written = createObject(deps, request, next, options, (object) => managersOfCreate(kind, object, writer));
    return writtenAnswer(deps, request, written, 201);
  }
  const uid = next.metadata?.uid;
  const oldUid = old.object.metadata?.uid;
  if (uid && uid !== oldUid) {
    throw errors.conflict(
      kind,
      name,
      `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${oldUid}`,
    );
  }
  const managers = managersOfUpdate(kind, old.object, next, writer);
  return writtenAnswer(deps, request, updateObject(deps, request, old, next, options, managers), 200);
}
