import type { KubeObject } from "../../api/meta.ts";
import { errors } from "../api-error.ts";
import type { Managers } from "../fields/managers.ts";
import { decodeObject } from "../http/body.ts";
import type { ObjectRequest } from "../http/request.ts";
import type { Answer } from "../http/respond.ts";
import { inVersion, resourceOf } from "./deps.ts";
import { managersOfCreate, managersOfUpdate } from "./managed.ts";
import { writeOptions } from "./options.ts";
import { objectAnswer, unstoredAnswer } from "./read.ts";
import { createObject, type Draft, updateObject, type WriteDeps, type Written, writerOf } from "./write.ts";

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
  const writer = writerOf(deps, request, options.fieldManager);
  const draft: Draft = {
    object: body.value,
    operation: "create",
    complaints: body.duplicates,
    managersOf: (object) => managersOfCreate(request.kind, object, writer),
  };
  const written = createObject(deps, request, draft, options);
  return writtenAnswer(deps, request, written, 201);
}

/** PUT of an object or of its status. */
export async function replace(deps: WriteDeps, request: ObjectRequest): Promise<Answer> {
  const { kind, target } = request;
  const options = writeOptions(request, "UpdateOptions");
  const body = await decodeObject(request.raw, kind.kind);
  const name = target.name ?? "";
  const sent = ((body.value ?? {}) as { metadata?: { name?: unknown; uid?: unknown } | null }).metadata ?? {};
  if (sent.name === undefined || sent.name === "" || sent.name === null) {
    throw errors.badRequest(`the name of the object (${name} based on URL) was undeterminable: name must be provided`);
  }
  const old = deps.store.get({ resource: resourceOf(kind), namespace: target.namespace ?? "", name });
  const writer = writerOf(deps, request, options.fieldManager, target.subresource);
  const draft = { object: body.value, operation: "update", complaints: body.duplicates } as const;
  if (old === undefined) {
    if (!kind.createOnUpdate || target.subresource !== undefined) {
      throw errors.notFound(kind, name);
    }
    const managersOf = (object: KubeObject): Managers => managersOfCreate(kind, object, writer);
    return writtenAnswer(deps, request, createObject(deps, request, { ...draft, managersOf }, options), 201);
  }
  const uid = old.object.metadata?.uid;
  if (typeof sent.uid === "string" && sent.uid !== "" && sent.uid !== uid) {
    throw errors.conflict(
      kind,
      name,
      `Precondition failed: UID in precondition: ${sent.uid}, UID in object meta: ${uid}`,
    );
  }
  const managersOf = (next: KubeObject): Managers => managersOfUpdate(kind, old.object, next, writer);
  return writtenAnswer(deps, request, updateObject(deps, request, old, { ...draft, managersOf }, options), 200);
}
