import type { KindDefinition } from "../../api/kind.ts";
import type { KubeObject } from "../../api/meta.ts";
import { errors } from "../api-error.ts";
import { visibleTo } from "../auth/visible-secrets.ts";
import { type Form, formOf } from "../http/negotiate.ts";
import type { ObjectRequest } from "../http/request.ts";
import type { Answer } from "../http/respond.ts";
import { type StoredObject, StoreError } from "../store/store.ts";
import { type IncludeObject, metadataOnly, tableOf } from "../tables/table.ts";
import { decodeContinue, encodeContinue } from "./continue.ts";
import { inVersion, jsonOf, type ResourceDeps, resourceOf } from "./deps.ts";
import { isTrue, queryRevision } from "./options.ts";
import { selectionOf } from "./selection.ts";

/** One object. Throws 403 and 404. */
export function getObject(deps: ResourceDeps, request: ObjectRequest): Answer {
  const { kind, target } = request;
  const name = target.name ?? "";
  const stored = deps.store.get({ resource: resourceOf(kind), namespace: target.namespace ?? "", name });
  if (stored === undefined) {
    throw errors.notFound(kind, name);
  }
  if (visibleTo(request.user, kind)?.(stored.object) === false) {
    throw errors.forbidden(
      `${kind.plural} ${JSON.stringify(name)} is forbidden: User ${JSON.stringify(request.user.username)} may read those of type kubernetes.io/tls only`,
      kind,
      name,
    );
  }
  return objectAnswer(deps, request, stored, 200);
}

/** An object in the form that the client accepts. */
export function objectAnswer(deps: ResourceDeps, request: ObjectRequest, stored: StoredObject, code: number): Answer {
  const { kind, target, warnings } = request;
  const form = formOf(request.raw);
  if (form === "object") {
    return { code, body: jsonOf(stored, kind, target.version), warnings };
  }
  const object = inVersion(stored.object, kind, target.version);
  const shown = form === "metadata" ? metadataOnly(object) : tableAnswer(deps, request, [object], object.metadata);
  return { code, body: JSON.stringify(shown), warnings };
}

/** An object that is not stored (dry-run) in the form that the client accepts. */
export function unstoredAnswer(deps: ResourceDeps, request: ObjectRequest, object: KubeObject, code: number): Answer {
  const { namespace = "", name = "" } = object.metadata ?? {};
  const json = JSON.stringify(object);
  return objectAnswer(
    deps,
    request,
    { resource: resourceOf(request.kind), namespace, name, revision: 0, object, json },
    code,
  );
}

function tableAnswer(
  deps: ResourceDeps,
  { kind, query }: ObjectRequest,
  objects: readonly KubeObject[],
  meta: { readonly resourceVersion?: string | undefined } | undefined,
): object {
  return tableOf(kind, objects, {
    now: deps.now(),
    include: includeOf(query),
    metadata: meta?.resourceVersion === undefined ? {} : { resourceVersion: meta.resourceVersion },
  });
}

/** `includeObject` of a table. */
export function includeOf(query: URLSearchParams): IncludeObject {
  const value = query.get("includeObject");
  return value === "None" || value === "Object" ? value : "Metadata";
}

interface Page {
  readonly items: readonly StoredObject[];
  readonly metadata: {
    readonly resourceVersion: string;
    readonly continue?: string;
    readonly remainingItemCount?: number;
  };
}

/** A collection, or one page of it. Throws 400, 410, 422, 504. */
export function listObjects(deps: ResourceDeps, request: ObjectRequest): Answer {
  const { kind, target, warnings } = request;
  const form = formOf(request.raw);
  const page = pageOf(deps, request);
  return { code: 200, body: listBody(deps, request, form, page, kind, target.version), warnings };
}

function listBody(
  deps: ResourceDeps,
  request: ObjectRequest,
  form: Form,
  { items, metadata }: Page,
  kind: KindDefinition,
  version: string,
): string {
  if (form === "object") {
    // Joined from the stored texts: a list of thousands is not serialized again for every reader.
    const head = JSON.stringify({ kind: kind.listKind, apiVersion: groupVersion(kind, version), metadata });
    return `${head.slice(0, -1)},"items":[${items.map((item) => jsonOf(item, kind, version)).join(",")}]}`;
  }
  const objects = items.map(({ object }) => inVersion(object, kind, version));
  if (form === "metadata") {
    return JSON.stringify({
      kind: "PartialObjectMetadataList",
      apiVersion: "meta.k8s.io/v1",
      metadata,
      items: objects.map(metadataOnly),
    });
  }
  return JSON.stringify(tableOf(kind, objects, { now: deps.now(), include: includeOf(request.query), metadata }));
}

const groupVersion = (kind: KindDefinition, version: string): string =>
  kind.group === "" ? version : `${kind.group}/${version}`;

function pageOf({ store }: ResourceDeps, request: ObjectRequest): Page {
  const { kind, target, query } = request;
  const resource = resourceOf(kind);
  const selection = selectionOf(request);
  const token = query.get("continue") ?? "";
  const limit = limitOf(query);
  const wanted = queryRevision(query);
  const match = query.get("resourceVersionMatch") ?? "";
  checkMatch(match, wanted);
  if (token !== "" && wanted !== undefined && wanted !== 0) {
    throw errors.badRequest("specifying resource version is not allowed when using continue");
  }
  const from = token === "" ? undefined : decodeContinue(token);
  if (wanted !== undefined && wanted > store.revision) {
    throw errors.future(wanted, store.revision);
  }
  const at = from?.revision ?? (match === "Exact" ? wanted : undefined);
  const all = at === undefined ? store.list(resource, { namespace: target.namespace }) : listAt();
  function listAt(): StoredObject[] {
    try {
      return store.list(resource, { namespace: target.namespace, at: at ?? 0 });
    } catch (error) {
      if (error instanceof StoreError) {
        throw errors.expired(
          from === undefined
            ? "The resourceVersion for the provided list is too old."
            : "The provided continue parameter is too old to display a consistent list result. You must start a new list without the continue parameter.",
        );
      }
      throw error;
    }
  }
  const rest = from === undefined ? all : all.filter((item) => isAfter(item, from));
  const matching = selection.isFiltered ? rest.filter(({ object }) => selection.matches(object)) : rest;
  const items = limit === undefined ? matching : matching.slice(0, limit);
  const revision = at ?? store.revision;
  const last = items.at(-1);
  if (last === undefined || items.length === matching.length) {
    return { items, metadata: { resourceVersion: String(revision) } };
  }
  return {
    items,
    metadata: {
      resourceVersion: String(revision),
      continue: encodeContinue({ revision, namespace: last.namespace, name: last.name }),
      // With a selector the real server does not count what it has not read yet.
      ...(selection.isFiltered ? {} : { remainingItemCount: matching.length - items.length }),
    },
  };
}

function isAfter(item: StoredObject, from: { readonly namespace: string; readonly name: string }): boolean {
  return item.namespace === from.namespace ? item.name > from.name : item.namespace > from.namespace;
}

function limitOf(query: URLSearchParams): number | undefined {
  const text = query.get("limit") ?? "";
  if (text === "") {
    return undefined;
  }
  if (!/^-?\d{1,15}$/.test(text)) {
    throw errors.badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`);
  }
  return Number(text) > 0 ? Number(text) : undefined;
}

function checkMatch(match: string, wanted: number | undefined): void {
  if (match !== "" && wanted === undefined) {
    throw errors.invalidOptions("ListOptions", [
      {
        reason: "FieldValueForbidden",
        field: "resourceVersionMatch",
        message: "Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided",
      },
    ]);
  }
}

/** Whether a GET of a collection asks for a watch. */
export const isWatch = (query: URLSearchParams): boolean => query.has("watch") && isTrue(query.get("watch"));
