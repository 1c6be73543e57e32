import * as z from "zod";
import type { KindDefinition } from "../../api/kind.ts";
import type { KubeObject, ObjectMeta } from "../../api/meta.ts";
import { type FieldError, failure } from "../../api/status.ts";
import { ApiError, errors } from "../api-error.ts";
import { restrictNode } from "../auth/node-restriction.ts";
import { decodeJson, decodeYaml, mediaType, protobufType, readBytes, readProtobuf, textOf } from "../http/body.ts";
import type { ObjectRequest } from "../http/request.ts";
import type { Answer } from "../http/respond.ts";
import type { StoredObject } from "../store/store.ts";
import { inVersion, jsonOf, type ResourceDeps, resourceOf, timeText } from "./deps.ts";
import { unsupported } from "./options.ts";
import { selectionOf } from "./selection.ts";

const policies = ["Foreground", "Background", "Orphan"] as const;

const bodySchema = z.object({
  gracePeriodSeconds: z.int().nullish(),
  propagationPolicy: z.string().nullish(),
  orphanDependents: z.boolean().nullish(),
  dryRun: z.array(z.string()).max(4).nullish(),
  preconditions: z.object({ uid: z.string().nullish(), resourceVersion: z.string().nullish() }).nullish(),
});

/** How to delete. */
export interface DeleteOptions {
  readonly graceSeconds: number | undefined;
  readonly policy: (typeof policies)[number] | undefined;
  readonly dryRun: boolean;
  readonly uid: string | undefined;
  readonly resourceVersion: string | undefined;
}

/** From the body, and where it says nothing from the query. Throws 400, 422. */
async function deleteOptions(request: ObjectRequest): Promise<DeleteOptions> {
  return optionsOf(await readOptions(request), request.query);
}

/** The options that a decoded body and a query come to. Throws 400, 422. */
export function optionsOf(value: unknown, query: URLSearchParams): DeleteOptions {
  const read = bodySchema.safeParse(value);
  if (!read.success) {
    throw errors.badRequest(`DeleteOptions cannot be read: ${read.error.issues[0]?.path.join(".") ?? ""}`);
  }
  const body = read.data;
  const found: FieldError[] = [];
  const policy = body.propagationPolicy ?? query.get("propagationPolicy") ?? undefined;
  if (policy !== undefined && !isPolicy(policy)) {
    found.push(unsupported("propagationPolicy", policy, [...policies, "nil"]));
  } else if (policy !== undefined && typeof body.orphanDependents === "boolean") {
    found.push({
      reason: "FieldValueInvalid",
      field: "propagationPolicy",
      message: `Invalid value: ${JSON.stringify(policy)}: orphanDependents and deletionPropagation cannot be both set`,
    });
  }
  const dryRun = body.dryRun ?? query.getAll("dryRun");
  for (const value of dryRun) {
    if (value !== "All") {
      found.push(unsupported("dryRun", value, ["All"]));
    }
  }
  if (found.length > 0) {
    throw errors.invalidOptions("DeleteOptions", found);
  }
  const graceText = query.get("gracePeriodSeconds") ?? "";
  const grace = body.gracePeriodSeconds ?? (/^\d{1,9}$/.test(graceText) ? Number(graceText) : undefined);
  return {
    graceSeconds: grace === undefined ? undefined : Math.max(0, grace),
    policy: isPolicy(policy) ? policy : body.orphanDependents === true ? "Orphan" : undefined,
    dryRun: dryRun.length > 0,
    uid: body.preconditions?.uid ?? undefined,
    resourceVersion: body.preconditions?.resourceVersion ?? undefined,
  };
}

const isPolicy = (value: string | undefined): value is (typeof policies)[number] =>
  policies.some((policy) => policy === value);

async function readOptions(request: ObjectRequest): Promise<unknown> {
  const bytes = await readBytes(request.raw);
  if (bytes.length === 0) {
    return {};
  }
  const type = mediaType(request.raw);
  const complain = (problem: string): Error => errors.badRequest(`DeleteOptions cannot be read: ${problem}`);
  const { value } =
    type === protobufType
      ? await readProtobuf(bytes)
      : type.endsWith("yaml")
        ? await decodeYaml(textOf(bytes), complain)
        : decodeJson(textOf(bytes), complain);
  return value;
}

/** Deletes one object, or begins its deletion. Throws 404, 409. */
export async function deleteObject(deps: ResourceDeps, request: ObjectRequest): Promise<Answer> {
  const options = await deleteOptions(request);
  const { kind, target, warnings } = request;
  const name = target.name ?? "";
  const stored = deps.store.get({ resource: resourceOf(kind), namespace: target.namespace ?? "", name });
  if (stored === undefined) {
    throw errors.notFound(kind, name);
  }
  restrictNode(request.user, {
    verb: "delete",
    plural: kind.plural,
    subresource: undefined,
    name,
    before: stored.object,
    after: undefined,
  });
  checkLasting(kind, name);
  const after = remove(deps, kind, stored, options);
  // Kinds whose deletion is Kubernetes' own business answer with the object, the others with a Status.
  const answersObject = !after.isGone || (kind.group === "" && ["pods", "services"].includes(kind.plural));
  if (answersObject) {
    return { code: 200, body: jsonOf(after.stored, kind, target.version), warnings };
  }
  return { code: 200, body: JSON.stringify(successOf(kind, stored)), warnings };
}

/** Namespaces without which the mesh cannot run. */
const lasting = new Set(["default", "kube-system", "istio-system"]);

function checkLasting(kind: KindDefinition, name: string): void {
  if (isNamespace(kind) && lasting.has(name)) {
    throw errors.forbidden(
      `namespaces ${JSON.stringify(name)} is forbidden: this namespace may not be deleted`,
      kind,
      name,
    );
  }
}

const successOf = ({ group, plural }: KindDefinition, { name, object }: StoredObject): object => ({
  kind: "Status",
  apiVersion: "v1",
  metadata: {},
  status: "Success",
  details: { name, ...(group === "" ? {} : { group }), kind: plural, uid: object.metadata?.uid },
});

/** Deletes everything that the selectors match; answers with the list of what they matched. */
export async function deleteCollection(deps: ResourceDeps, request: ObjectRequest): Promise<Answer> {
  const options = await deleteOptions(request);
  const { kind, target, warnings } = request;
  const selection = selectionOf(request);
  const doomed = deps.store
    .list(resourceOf(kind), { namespace: target.namespace })
    .filter(({ object }) => selection.matches(object));
  for (const { name } of doomed) {
    checkLasting(kind, name);
  }
  for (const stored of doomed) {
    remove(deps, kind, stored, options);
  }
  const items = doomed.map(({ object }) => inVersion(object, kind, target.version));
  const apiVersion = kind.group === "" ? target.version : `${kind.group}/${target.version}`;
  const metadata = { resourceVersion: String(deps.store.revision) };
  return { code: 200, body: JSON.stringify({ kind: kind.listKind, apiVersion, metadata, items }), warnings };
}

const background: DeleteOptions = {
  graceSeconds: undefined,
  policy: "Background",
  dryRun: false,
  uid: undefined,
  resourceVersion: undefined,
};

/** Deletes without a request: garbage collection and namespaces that end. */
export const removeInBackground = (deps: ResourceDeps, kind: KindDefinition, stored: StoredObject): void => {
  remove(deps, kind, stored, background);
};

/** What became of an object that was to be removed. */
export interface Removal {
  readonly isGone: boolean;
  /** As it is marked, or as it was last. */
  readonly stored: StoredObject;
}

/** Removes the object, or marks it as ending when finalizers or a pod's grace period hold it. */
export function remove(
  deps: ResourceDeps,
  kind: KindDefinition,
  stored: StoredObject,
  options: DeleteOptions,
): Removal {
  checkPreconditions(kind, stored, options);
  const { store } = deps;
  const meta = stored.object.metadata ?? {};
  const finalizers = finalizersAfter(meta, options);
  const grace = graceOf(kind, stored.object, options);
  const isHeld = isNamespace(kind) && hasContentHold(stored.object);
  if (finalizers.length === 0 && grace === 0 && !isHeld) {
    return { isGone: true, stored: options.dryRun ? stored : store.delete(stored, stored.object) };
  }
  const isMarked = meta.deletionTimestamp !== undefined;
  const isShorter = isMarked && grace < (meta.deletionGracePeriodSeconds ?? 0);
  const hasSameFinalizers = JSON.stringify(finalizers) === JSON.stringify(meta.finalizers ?? []);
  if (isMarked && !isShorter && hasSameFinalizers) {
    return { isGone: false, stored };
  }
  const { finalizers: _before, ...rest } = meta;
  const marked: ObjectMeta = {
    ...rest,
    ...(finalizers.length > 0 ? { finalizers } : {}),
    ...(isMarked && !isShorter
      ? {}
      : {
          deletionTimestamp: timeText(new Date(deps.now().getTime() + grace * 1_000)),
          deletionGracePeriodSeconds: grace,
        }),
    ...(isMarked || meta.generation === undefined ? {} : { generation: meta.generation + 1 }),
  };
  const object: KubeObject = endingNamespace(kind, { ...stored.object, metadata: marked });
  const after = options.dryRun ? { ...stored, object, json: JSON.stringify(object) } : store.update(stored, object);
  return { isGone: false, stored: after };
}

const isNamespace = ({ group, plural }: KindDefinition): boolean => group === "" && plural === "namespaces";

/** A namespace that ends says so in its phase; admission then refuses new content. */
function endingNamespace(kind: KindDefinition, object: KubeObject): KubeObject {
  return isNamespace(kind)
    ? ({ ...object, status: { ...(object as { status?: object }).status, phase: "Terminating" } } as KubeObject)
    : object;
}

function checkPreconditions(kind: KindDefinition, stored: StoredObject, options: DeleteOptions): void {
  const fail = (what: string, wanted: string, found: string, since: string): never => {
    throw new ApiError(
      failure(
        409,
        "Conflict",
        `Operation cannot be fulfilled on ${kind.kind} ${JSON.stringify(stored.name)}: the ${what} in the precondition (${wanted}) does not match the ${what} in record (${found}). The object might have been ${since}`,
        { name: stored.name, kind: kind.kind },
      ),
    );
  };
  const uid = stored.object.metadata?.uid ?? "";
  if (options.uid !== undefined && options.uid !== uid) {
    fail("UID", options.uid, uid, "deleted and then recreated");
  }
  if (options.resourceVersion !== undefined && options.resourceVersion !== String(stored.revision)) {
    fail("ResourceVersion", options.resourceVersion, String(stored.revision), "modified");
  }
}

const foreground = "foregroundDeletion";
const orphan = "orphan";

function finalizersAfter(meta: ObjectMeta, { policy }: DeleteOptions): string[] {
  const kept = (meta.finalizers ?? []).filter((finalizer) => finalizer !== foreground && finalizer !== orphan);
  switch (policy) {
    case "Foreground":
      return [...kept, foreground];
    case "Orphan":
      return [...kept, orphan];
    case "Background":
      return kept;
    default:
      return [...(meta.finalizers ?? [])];
  }
}

/** A Namespace stays until its content is gone: `background/namespace-end.ts` empties it and takes this hold away. */
const hasContentHold = (object: KubeObject): boolean =>
  ((object as { spec?: { finalizers?: readonly string[] } }).spec?.finalizers ?? []).length > 0;

interface PodLike extends KubeObject {
  spec?: { nodeName?: string; terminationGracePeriodSeconds?: number };
  status?: { phase?: string };
}

/** Seconds that a pod gets to end; 0 for everything else and for pods that no node runs. */
function graceOf(kind: KindDefinition, object: KubeObject, { graceSeconds }: DeleteOptions): number {
  if (kind.group !== "" || kind.plural !== "pods") {
    return 0;
  }
  const { spec, status } = object as PodLike;
  if (!spec?.nodeName || status?.phase === "Succeeded" || status?.phase === "Failed") {
    return 0;
  }
  return graceSeconds ?? spec.terminationGracePeriodSeconds ?? 30;
}
