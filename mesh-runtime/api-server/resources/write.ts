import { randomUUID } from "node:crypto";
import type { AdmissionContext, KindDefinition } from "../../api/kind.ts";
import type { KubeObject, ObjectMeta } from "../../api/meta.ts";
import { failure } from "../../api/status.ts";
import { ApiError, errors } from "../api-error.ts";
import { restrictNode } from "../auth/node-restriction.ts";
import { ensureDefaultAccount } from "../bootstrap/objects.ts";
import { sameValue } from "../fields/atom.ts";
import type { Managers } from "../fields/managers.ts";
import type { Writer } from "../fields/track.ts";
import type { ObjectRequest } from "../http/request.ts";
import { type StoredObject, StoreError } from "../store/store.ts";
import { groupVersionOf } from "./conform.ts";
import { type ResourceDeps, resourceOf, timeText } from "./deps.ts";
import { isSameObject, withManagers } from "./managed.ts";
import { randomName } from "./names.ts";
import { checkNamespace } from "./namespaces.ts";
import type { WriteOptions } from "./options.ts";

/** What the writes need beyond the handlers: the world that admission looks at. */
export interface WriteDeps extends ResourceDeps {
  readonly admission: AdmissionContext;
}

/** The outcome of a write. */
export interface Written {
  readonly object: KubeObject;
  /** Undefined when nothing was stored: dry-run, or the last finalizer of an ending object went. */
  readonly stored: StoredObject | undefined;
}

/** The writer that owns what a request changes. */
export function writerOf(
  deps: ResourceDeps,
  { kind, target }: ObjectRequest,
  manager: string,
  subresource?: string,
): Writer {
  return { manager, apiVersion: groupVersionOf(kind, target.version), subresource, time: timeText(deps.now()) };
}

/** Refuses an object that names another place than the path. Throws 400. Gives the metadata with the place filled in. */
export function placed(object: KubeObject, { kind, target }: ObjectRequest): ObjectMeta {
  const meta = object.metadata ?? {};
  if (!kind.namespaced) {
    return meta;
  }
  if (meta.namespace && meta.namespace !== target.namespace) {
    throw errors.badRequest("the namespace of the provided object does not match the namespace sent on the request");
  }
  return { ...meta, namespace: target.namespace };
}

/**
 * Creates an object that fits its kind: fills in what the server keeps, admits, validates, stores.
 * `managersOf` sees the object before admission changes it: what admission adds is nobody's.
 */
export function createObject(
  deps: WriteDeps,
  request: ObjectRequest,
  draft: KubeObject,
  options: WriteOptions,
  managersOf: (object: KubeObject) => Managers,
): Written {
  const { kind } = request;
  const meta = placed(draft, request);
  const name = meta.name || (meta.generateName ? randomName(meta.generateName) : undefined);
  if (meta.resourceVersion !== undefined && meta.resourceVersion !== "" && !options.dryRun) {
    throw new ApiError(failure(500, "", "resourceVersion should not be set on objects to be created"));
  }
  const named = kind.defaults({ ...draft, metadata: { ...meta, ...(name === undefined ? {} : { name }) } });
  const managers = managersOf(named);
  const {
    resourceVersion: _rv,
    deletionTimestamp: _dt,
    deletionGracePeriodSeconds: _grace,
    selfLink: _link,
    ...kept
  } = named.metadata ?? {};
  const fresh: KubeObject = {
    ...named,
    metadata: {
      ...kept,
      uid: randomUUID(),
      creationTimestamp: timeText(deps.now()),
      ...(kind.generationFields.length > 0 ? { generation: 1 } : { generation: undefined }),
    },
  };
  if (kind.namespaced) {
    checkNamespace(deps, kind, request.target.namespace ?? "", name ?? "");
  }
  const key = { resource: resourceOf(kind), namespace: request.target.namespace ?? "", name: name ?? "" };
  const admitted = admit(
    deps,
    request,
    kind.prepare(withManagers(fresh, managers), undefined, deps.admission),
    undefined,
  );
  restrictNode(request.user, {
    verb: "create",
    plural: kind.plural,
    subresource: undefined,
    name: key.name,
    before: undefined,
    after: admitted,
  });
  const existing = deps.store.get(key);
  if (existing !== undefined) {
    throw errors.alreadyExists(kind, key.name, existing.object.metadata?.deletionTimestamp !== undefined);
  }
  const finished = tidy(kind.finish?.(admitted, undefined, deps.admission) ?? admitted);
  if (options.dryRun) {
    return { object: finished, stored: undefined };
  }
  const stored = deps.store.create(key, finished);
  if (key.resource === "/namespaces") {
    ensureDefaultAccount(deps.store, deps.now(), key.name);
  }
  return { object: stored.object, stored };
}

/** Runs what refuses: other objects, validation, webhooks. Throws 400, 403, 422. */
function admit(
  deps: WriteDeps,
  { kind, warnings }: ObjectRequest,
  object: KubeObject,
  old: KubeObject | undefined,
): KubeObject {
  const refusal = kind.refuse?.(object, old, deps.admission);
  if (refusal !== undefined) {
    throw new ApiError(refusal);
  }
  const found = kind.validate(object, old);
  if (found.length > 0) {
    throw errors.invalid(kind.group, kind.kind, object.metadata?.name ?? "", found);
  }
  const verdict = kind.admit(object, old);
  warnings.push(...verdict.warnings);
  if (verdict.refusal !== undefined) {
    throw new ApiError(
      failure(400, "", `admission webhook "validation.istio.io" denied the request: ${verdict.refusal}`),
    );
  }
  return object;
}

/** Undefined fields out, so that stored and sent objects are equal. */
const tidy = (object: KubeObject): KubeObject => JSON.parse(JSON.stringify(object)) as KubeObject;

/** What a client cannot change. */
function keepIdentity(next: ObjectMeta, old: ObjectMeta): ObjectMeta {
  const { selfLink: _link, ...rest } = next;
  return {
    ...rest,
    name: rest.name ?? old.name,
    uid: rest.uid || old.uid,
    creationTimestamp: old.creationTimestamp,
    deletionTimestamp: old.deletionTimestamp,
    deletionGracePeriodSeconds: old.deletionGracePeriodSeconds,
    generation: old.generation,
  };
}

/**
 * Writes a new state of an object that exists. `next` fits its kind and carries the resourceVersion that it was made
 * from, if it matters. Throws 409 when somebody else was first, 400, 403, 422.
 */
export function updateObject(
  deps: WriteDeps,
  request: ObjectRequest,
  old: StoredObject,
  next: KubeObject,
  options: WriteOptions,
  managers: Managers,
): Written {
  const { kind } = request;
  const subresource = request.target.subresource;
  const meta = placed(next, request);
  if (meta.name !== undefined && meta.name !== "" && meta.name !== old.name) {
    throw errors.badRequest(`the name of the object (${meta.name}) does not match the name on the URL (${old.name})`);
  }
  checkVersion(kind, meta, old);
  const kept: KubeObject = { ...next, metadata: keepIdentity(meta, old.object.metadata ?? {}) };
  const whole = withManagers(
    subresource === "status" ? statusOf(kind, kept, old.object) : kind.prepare(kept, old.object, deps.admission),
    managers,
  );
  const admitted =
    subresource === "status" ? admitStatus(request, whole, old.object) : admit(deps, request, whole, old.object);
  restrictNode(request.user, {
    verb: "update",
    plural: kind.plural,
    subresource,
    name: old.name,
    before: old.object,
    after: admitted,
  });
  const finished = tidy(kind.finish?.(admitted, old.object, deps.admission) ?? admitted);
  const result = withGeneration(kind, finished, old.object);
  if (isSameObject(old.object, result)) {
    return { object: old.object, stored: old };
  }
  const ended = hasEnded(result);
  if (options.dryRun || ended) {
    if (ended && !options.dryRun) {
      deps.store.delete(old, result);
    }
    const metadata = { ...result.metadata, resourceVersion: old.object.metadata?.resourceVersion };
    return { object: { ...result, metadata }, stored: undefined };
  }
  const stored = deps.store.update(old, result, old.revision);
  return { object: stored.object, stored };
}

function checkVersion(kind: KindDefinition, meta: ObjectMeta, old: StoredObject): void {
  const { resourceVersion } = meta;
  if (resourceVersion === undefined || resourceVersion === "" || resourceVersion === String(old.revision)) {
    return;
  }
  if (!/^\d+$/.test(resourceVersion)) {
    throw errors.badRequest(`metadata.resourceVersion: Invalid value: ${JSON.stringify(resourceVersion)}`);
  }
  throw errors.modified(kind, old.name);
}

/**
 * A write to the status changes the status alone. Built-in kinds also take metadata (a Deployment's labels excepted),
 * custom kinds do not.
 */
function statusOf(kind: KindDefinition, next: KubeObject, old: KubeObject): KubeObject {
  const { status } = next as { status?: unknown };
  const { status: _status, ...rest } = old as { status?: unknown } & KubeObject;
  const metadata = kind.native
    ? { ...next.metadata, ...(kind.kind === "Deployment" ? { labels: old.metadata?.labels } : {}) }
    : { ...old.metadata, resourceVersion: next.metadata?.resourceVersion, uid: next.metadata?.uid };
  return { ...rest, metadata, ...(status === undefined ? {} : { status }) } as KubeObject;
}

function admitStatus({ kind }: ObjectRequest, object: KubeObject, old: KubeObject): KubeObject {
  const found = kind.validateStatus(object, old);
  if (found.length > 0) {
    throw errors.invalid(kind.group, kind.kind, object.metadata?.name ?? "", found);
  }
  return object;
}

function withGeneration(kind: KindDefinition, next: KubeObject, old: KubeObject): KubeObject {
  const fieldOf = (object: KubeObject, field: string): unknown => (object as Record<string, unknown>)[field];
  const isChanged =
    kind.generationFields.some((field) => !sameValue(fieldOf(next, field), fieldOf(old, field))) ||
    // Deployments count annotations too, since a rollout copies them.
    (kind.kind === "Deployment" && !sameValue(next.metadata?.annotations ?? {}, old.metadata?.annotations ?? {}));
  return isChanged && kind.generationFields.length > 0
    ? { ...next, metadata: { ...next.metadata, generation: (old.metadata?.generation ?? 0) + 1 } }
    : next;
}

/** An object that is being deleted goes with its last finalizer; pods and namespaces wait for more than these. */
function hasEnded(object: KubeObject): boolean {
  const { deletionTimestamp, deletionGracePeriodSeconds = 0, finalizers = [] } = object.metadata ?? {};
  const holds =
    object.kind === "Namespace" ? ((object as { spec?: { finalizers?: unknown[] } }).spec?.finalizers ?? []) : [];
  return (
    deletionTimestamp !== undefined && finalizers.length === 0 && deletionGracePeriodSeconds === 0 && holds.length === 0
  );
}

/** Turns a store's refusal into an answer. */
export function storeRefusal(error: unknown, kind: KindDefinition, name: string): unknown {
  if (!(error instanceof StoreError)) {
    return error;
  }
  switch (error.code) {
    case "exists":
      return errors.alreadyExists(kind, name, false);
    case "missing":
      return errors.notFound(kind, name);
    case "stale":
      return errors.modified(kind, name);
    default:
      return error;
  }
}
