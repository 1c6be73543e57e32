import { apiVersionOf, type KubeObject } from "../api/meta.ts";
import { KubeError } from "./error.ts";
import type { Kubeconfig } from "./kubeconfig.ts";
import { type ObjectKey, type ResourceRef, resourcePath } from "./resource.ts";
import {
  type NamespacedKey,
  type TokenGrant,
  type TokenRequestOptions,
  type TokenVerdict,
  tokenCalls,
} from "./tokens.ts";
import { createTransport, defaultLimits, type TransportLimits } from "./transport.ts";
import { readWatch, type WatchEvent } from "./watch.ts";

export interface ListOptions {
  /** All namespaces when left out. */
  readonly namespace?: string | undefined;
  readonly labelSelector?: string | undefined;
  readonly fieldSelector?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface ListResult<T extends KubeObject> {
  /** Where to start a watch. */
  readonly resourceVersion: string;
  readonly items: readonly T[];
}

export interface WatchOptions extends ListOptions {
  /** Events after this version; all existing objects first when left out. */
  readonly resourceVersion?: string | undefined;
  /** The server ends the watch after about this long. */
  readonly timeoutSeconds?: number;
}

export interface WriteOptions {
  /** Name under which the written fields are owned. Default: the client's. */
  readonly fieldManager?: string;
  readonly dryRun?: boolean;
  readonly signal?: AbortSignal | undefined;
}

/** A patch: RFC 7396 merge, RFC 6902 operations, or server-side apply of a partial object. */
export type Patch =
  | { readonly type: "merge"; readonly body: object; readonly subresource?: "status" | "scale" }
  | { readonly type: "json"; readonly body: readonly JsonPatchOperation[]; readonly subresource?: "status" | "scale" }
  | {
      readonly type: "apply";
      /** The fields this manager wants; `apiVersion`, `kind`, `metadata.name` are filled in. */
      readonly body: object;
      readonly subresource?: "status";
      /** Takes fields over from other managers instead of failing with `conflict`. */
      readonly force?: boolean;
    };

export type JsonPatchOperation =
  | { readonly op: "add" | "replace" | "test"; readonly path: string; readonly value: unknown }
  | { readonly op: "remove"; readonly path: string }
  | { readonly op: "move" | "copy"; readonly from: string; readonly path: string };

export interface DeleteOptions {
  readonly gracePeriodSeconds?: number;
  readonly propagationPolicy?: "Background" | "Foreground" | "Orphan";
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string };
  readonly signal?: AbortSignal | undefined;
}

/** Typed access to one Kubernetes API server. Every method rejects with `KubeError` and with nothing else. */
export interface KubeClient {
  get<T extends KubeObject>(kind: ResourceRef<T>, key: ObjectKey, signal?: AbortSignal): Promise<T>;
  /** Lists everything, page by page. */
  list<T extends KubeObject>(kind: ResourceRef<T>, options?: ListOptions): Promise<ListResult<T>>;
  /** One watch, until the server ends it, it breaks (throws) or the signal fires. Most callers want `startInformer`. */
  watch<T extends KubeObject>(
    kind: ResourceRef<T>,
    options?: WatchOptions,
  ): AsyncGenerator<WatchEvent<T>, void, undefined>;
  create<T extends KubeObject>(kind: ResourceRef<T>, object: T, options?: WriteOptions): Promise<T>;
  /** Replaces; with `metadata.resourceVersion` in the object only if nobody wrote in between. */
  update<T extends KubeObject>(kind: ResourceRef<T>, object: T, options?: WriteOptions): Promise<T>;
  /** Replaces the status alone. */
  replaceStatus<T extends KubeObject>(kind: ResourceRef<T>, object: T, options?: WriteOptions): Promise<T>;
  patch<T extends KubeObject>(kind: ResourceRef<T>, key: ObjectKey, patch: Patch, options?: WriteOptions): Promise<T>;
  /** Deletes one object; an object that is not there is `notFound`. */
  delete(kind: ResourceRef, key: ObjectKey, options?: DeleteOptions): Promise<void>;
  /** A token for a ServiceAccount (TokenRequest). */
  createToken(serviceAccount: NamespacedKey, options: TokenRequestOptions): Promise<TokenGrant>;
  /** Asks the API server whom a token stands for (TokenReview). */
  reviewToken(token: string, audiences?: readonly string[]): Promise<TokenVerdict>;
  /** Ends every call and watch. */
  close(): void;
}

export interface KubeClientOptions {
  readonly kubeconfig: Kubeconfig;
  /** Component name: user agent and default field manager. */
  readonly component: string;
  readonly limits?: Partial<TransportLimits>;
}

const pageSize = 500;
const contentTypes = {
  merge: "application/merge-patch+json",
  json: "application/json-patch+json",
  apply: "application/apply-patch+yaml",
} as const;

/** Opens a client. No connection is made before the first call. */
export function createKubeClient({ kubeconfig, component, limits }: KubeClientOptions): KubeClient {
  const transport = createTransport(kubeconfig, `towpath-${component}`, { ...defaultLimits, ...limits });
  const writeQuery = (options: WriteOptions = {}) => ({
    fieldManager: options.fieldManager ?? component,
    dryRun: options.dryRun === true ? "All" : undefined,
  });
  const write = async <T extends KubeObject>(
    method: "POST" | "PUT",
    kind: ResourceRef<T>,
    object: T,
    subresource: string | undefined,
    options: WriteOptions = {},
  ): Promise<T> => {
    const { metadata } = object;
    const at = {
      namespace: metadata?.namespace,
      ...(method === "PUT" ? { name: metadata?.name } : {}),
      subresource,
    };
    return (await transport.json({
      method,
      path: resourcePath(kind, at),
      query: writeQuery(options),
      body: object,
      signal: options.signal,
    })) as T;
  };

  return {
    async get<T extends KubeObject>(kind: ResourceRef<T>, key: ObjectKey, signal?: AbortSignal) {
      return (await transport.json({ method: "GET", path: objectPath(kind, key), signal })) as T;
    },
    async list<T extends KubeObject>(kind: ResourceRef<T>, options: ListOptions = {}) {
      const items: T[] = [];
      let next: string | undefined;
      for (;;) {
        const page = (await transport.json({
          method: "GET",
          path: resourcePath(kind, { namespace: options.namespace }),
          query: { ...selectors(options), limit: pageSize, continue: next },
          signal: options.signal,
        })) as { metadata?: { resourceVersion?: string; continue?: string }; items?: T[] };
        if (!Array.isArray(page.items) || typeof page.metadata?.resourceVersion !== "string") {
          throw new KubeError("badAnswer", `the list of ${kind.plural} is no list`);
        }
        const meta = { apiVersion: apiVersionOf(kind.group, kind.version), kind: kind.kind };
        items.push(...page.items.map((item) => ({ ...meta, ...item })));
        next = page.metadata.continue || undefined;
        if (next === undefined) {
          return { resourceVersion: page.metadata.resourceVersion, items };
        }
      }
    },
    async *watch<T extends KubeObject>(kind: ResourceRef<T>, options: WatchOptions = {}) {
      const answer = await transport.stream({
        method: "GET",
        path: resourcePath(kind, { namespace: options.namespace }),
        query: {
          ...selectors(options),
          watch: true,
          allowWatchBookmarks: true,
          resourceVersion: options.resourceVersion,
          timeoutSeconds: options.timeoutSeconds,
        },
        signal: options.signal,
      });
      yield* readWatch<T>(answer);
    },
    create: (kind, object, options) => write("POST", kind, object, undefined, options),
    update: (kind, object, options) => write("PUT", kind, object, undefined, options),
    replaceStatus: (kind, object, options) => write("PUT", kind, object, "status", options),
    async patch<T extends KubeObject>(kind: ResourceRef<T>, key: ObjectKey, patch: Patch, options: WriteOptions = {}) {
      return (await transport.json({
        method: "PATCH",
        path: objectPath(kind, key, patch.subresource),
        query: { ...writeQuery(options), force: patch.type === "apply" && patch.force === true ? true : undefined },
        contentType: contentTypes[patch.type],
        body: patch.type === "apply" ? completed(kind, key, patch.body) : patch.body,
        signal: options.signal,
      })) as T;
    },
    async delete(kind, key, options = {}) {
      const { signal, ...body } = options;
      await transport.json({
        method: "DELETE",
        path: objectPath(kind, key),
        body: { apiVersion: "v1", kind: "DeleteOptions", ...body },
        signal,
      });
    },
    ...tokenCalls(transport),
    close: () => transport.close(),
  };
}

const selectors = ({ labelSelector, fieldSelector }: ListOptions) => ({ labelSelector, fieldSelector });

/** A forgotten name must not turn a call on one object into one on the collection. */
function objectPath(kind: ResourceRef, key: ObjectKey, subresource?: string): string {
  if (!key.name || (kind.namespaced && !key.namespace)) {
    throw new KubeError("invalid", `a ${kind.kind} is named by ${kind.namespaced ? "namespace and name" : "its name"}`);
  }
  return resourcePath(kind, { ...key, subresource });
}

/** An apply body must name its object; the callers need not repeat what the call says already. */
function completed(kind: ResourceRef, { name, namespace }: ObjectKey, body: object): object {
  const { metadata, ...rest } = body as { metadata?: object };
  return {
    apiVersion: apiVersionOf(kind.group, kind.version),
    kind: kind.kind,
    ...rest,
    metadata: { ...metadata, name, ...(kind.namespaced && namespace !== undefined ? { namespace } : {}) },
  };
}
