import { randomUUID } from "node:crypto";
import { type AdmissionRequest, admit } from "../../api/admission.ts";
import type { AdmissionContext, KindDefinition } from "../../api/kind.ts";
import type { KubeObject, ObjectMeta } from "../../api/meta.ts";
import { ApiError, errors } from "../api-error.ts";
import { restrictNode } from "../auth/node-restriction.ts";
import { ensureDefaultAccount } from "../bootstrap/objects.ts";
import type { Managers } from "../fields/managers.ts";
import type { Writer } from "../fields/track.ts";
import type { ObjectRequest } from "../http/request.ts";
import { type StoredObject, StoreError } from "../store/store.ts";
import { groupVersionOf, type ResourceDeps, resourceOf, timeText } from "./deps.ts";
import { isSameObject, withManagers } from "./managed.ts";
import { checkNamespace } from "./namespaces.ts";
import type { WriteOptions } from "./options.ts";

/** What the writes need beyond the handlers: the world that admission looks at. */
export interface WriteDeps extends ResourceDeps {
  readonly admission: AdmissionContext;
}

/** What a client wants an object to be. */
export interface Draft {
  readonly object: unknown;
  readonly operation: AdmissionRequest["operation"];
  /** What the decoder of the body complains about. */
  readonly complaints?: readonly string[];
  /** The refusal of a draft whose parts do not fit, where it is not that of POST and PUT. */
  readonly misfit?: NonNullable<AdmissionRequest["misfit"]>;
  /** Sees the object with its defaults, before the server's own changes: what the server adds is nobody's. */
  readonly managersOf: (object: KubeObject) => Managers;
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

/** Runs a draft through admission. Throws what it refuses with. */
function admitted(
  deps: WriteDeps,
  request: ObjectRequest,
  draft: Draft,
  options: WriteOptions,
  old: KubeObject | undefined,
  track: (object: KubeObject) => KubeObject,
): KubeObject {
  const { kind, target, warnings } = request;
  const result = admit({
    kind,
    version: target.version,
    operation: draft.operation,
    object: draft.object,
    fieldValidation: options.fieldValidation,
    dryRun: options.dryRun,
    context: deps.admission,
    track,
    ...(old === undefined ? {} : { old }),
    ...(target.namespace === undefined ? {} : { namespace: target.namespace }),
    ...(target.name === undefined ? {} : { name: target.name }),
    ...(target.subresource === "status" ? { subresource: "status" } : {}),
    ...(draft.complaints === undefined ? {} : { complaints: draft.complaints }),
    ...(draft.misfit === undefined ? {} : { misfit: draft.misfit }),
  });
  warnings.push(...result.warnings);
  if (!result.ok) {
    throw new ApiError(result.status);
  }
  // Undefined fields out, so that stored and sent objects are equal.
  return JSON.parse(JSON.stringify(result.object)) as KubeObject;
}

/** Creates an object. Throws 400, 403, 404, 409, 422. */
export function createObject(deps: WriteDeps, request: ObjectRequest, draft: Draft, options: WriteOptions): Written {
  const { kind, target } = request;
  const apiVersion = groupVersionOf(kind, kind.version);
  if (kind.namespaced) {
    checkNamespace(deps, kind, target.namespace ?? "", target.name ?? "");
  }
  const object = admitted(deps, request, draft, options, undefined, (meant) => {
    const {
      resourceVersion: _rv,
      deletionTimestamp: _dt,
      deletionGracePeriodSeconds: _ds,
      selfLink: _sl,
      ...meta
    } = meant.metadata ?? {};
    const stamped = { ...meta, uid: randomUUID(), creationTimestamp: timeText(deps.now()) };
    return withManagers({ ...meant, apiVersion, metadata: stamped }, draft.managersOf(meant));
  });
  const name = object.metadata?.name ?? "";
  const key = { resource: resourceOf(kind), namespace: target.namespace ?? "", name };
  restrictNode(request.user, {
    verb: "create",
    plural: kind.plural,
    subresource: undefined,
    name,
    before: undefined,
    after: object,
  });
  const existing = deps.store.get(key);
  if (existing !== undefined) {
    throw errors.alreadyExists(kind, name, existing.object.metadata?.deletionTimestamp !== undefined);
  }
  if (options.dryRun) {
    return { object, stored: undefined };
  }
  const stored = deps.store.create(key, object);
  if (key.resource === "/namespaces") {
    ensureDefaultAccount(deps.store, deps.now(), name);
  }
  return { object: stored.object, stored };
}

/** Writes a new state of an object that exists. Throws 409 when somebody else was first, 400, 403, 422. */
export function updateObject(
  deps: WriteDeps,
  request: ObjectRequest,
  old: StoredObject,
  draft: Draft,
  options: WriteOptions,
): Written {
  const { kind, target } = request;
  const apiVersion = groupVersionOf(kind, kind.version);
  const before = old.object.metadata ?? {};
  const object = admitted(deps, request, draft, options, old.object, (meant) => {
    const { selfLink: _link, ...meta } = meant.metadata ?? {};
    checkVersion(kind, meta, old);
    const kept = {
      ...meta,
      creationTimestamp: before.creationTimestamp,
      deletionTimestamp: before.deletionTimestamp,
      deletionGracePeriodSeconds: before.deletionGracePeriodSeconds,
      generation: before.generation,
    };
    return withManagers({ ...meant, apiVersion, metadata: kept }, draft.managersOf(meant));
  });
  restrictNode(request.user, {
    verb: "update",
    plural: kind.plural,
    subresource: target.subresource,
    name: old.name,
    before: old.object,
    after: object,
  });
  if (isSameObject(old.object, object)) {
    return { object: old.object, stored: old };
  }
  const ended = hasEnded(object);
  if (ended && !options.dryRun) {
    deps.store.delete(old, object);
  }
  if (options.dryRun || ended) {
    const metadata = { ...object.metadata, resourceVersion: before.resourceVersion };
    return { object: { ...object, metadata }, stored: undefined };
  }
  const stored = deps.store.update(old, object, old.revision);
  return { object: stored.object, stored };
}

function checkVersion(kind: KindDefinition, { resourceVersion }: ObjectMeta, old: StoredObject): void {
  if (resourceVersion === undefined || resourceVersion === "" || resourceVersion === String(old.revision)) {
    return;
  }
  if (!/^\d+$/.test(resourceVersion)) {
    throw errors.badRequest(`metadata.resourceVersion: Invalid value: ${JSON.stringify(resourceVersion)}`);
  }
  throw errors.modified(kind, old.name);
}

/** An object that is being deleted goes with its last finalizer; pods and namespaces wait for more than these. */
function hasEnded(object: KubeObject): boolean {
  const { deletionTimestamp, deletionGracePeriodSeconds = 0, finalizers = [] } = object.metadata ?? {};
  const { spec } = object as { spec?: { finalizers?: readonly string[] } };
  const holds = object.kind === "Namespace" ? (spec?.finalizers ?? []) : [];
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
