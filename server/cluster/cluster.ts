import type { KubeObject } from "@/mesh-runtime/api/meta.ts";
import type { ResourceRef } from "@/server/contracts/names.ts";
import type { Log } from "@/server/log.ts";
import { ClusterConnection } from "./connection.ts";
import { ClusterError, isClusterError } from "./errors.ts";
import { type ExecOptions, exec } from "./exec.ts";
import { type Informer, objectKey, startInformer } from "./informer.ts";
import { kindNames, resourcePath, type WatchedKind, type WatchedKinds, watchedKinds } from "./kinds.ts";

/** Field manager of everything that the portal writes. */
export const fieldManager = "towpath";

/** An object to be applied; what is not in it is given up. */
export interface Applied {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec?: unknown;
}

export interface ApplyOptions {
  readonly dryRun?: boolean;
  /** Take fields over from other managers. */
  readonly force?: boolean;
}

export interface TokenReview {
  readonly authenticated: boolean;
  /** `system:serviceaccount:<namespace>:<name>` */
  readonly username: string;
  /** From the token's bound claims. */
  readonly podName: string;
  readonly nodeName: string;
}

/** The Kubernetes API as the portal uses it: a live copy of what it reads, and server-side apply. */
export interface Cluster {
  list<K extends WatchedKind>(kind: K): readonly WatchedKinds[K][];
  get<K extends WatchedKind>(kind: K, namespace: string, name: string): WatchedKinds[K] | undefined;
  /** Straight from the server. `undefined`: there is none. */
  read(ref: ResourceRef): Promise<KubeObject | undefined>;
  apply(object: Applied, options?: ApplyOptions): Promise<{ object: KubeObject; warnings: readonly string[] }>;
  /** Takes a label away, whoever set it: giving it up by `apply` leaves it when somebody else set it too. */
  removeLabel(ref: ResourceRef, label: string): Promise<void>;
  /** Changes single fields, whoever owns them; with `metadata.resourceVersion` only as it was read. */
  merge(ref: ResourceRef, patch: object): Promise<void>;
  /**
   * Gone afterwards, also when it was gone before. With `uid` only that very object: another one of its name stays, and
   * throws ClusterError `conflict`.
   */
  remove(ref: ResourceRef, options?: { dryRun?: boolean; uid?: string }): Promise<void>;
  reviewToken(token: string, audience: string): Promise<TokenReview>;
  exec(options: ExecOptions): Promise<{ exitCode: number }>;
  /** Grows with every difference in the copy. */
  readonly revision: number;
  onChange(listener: () => void): () => void;
  /** All kinds were listed once. */
  readonly synced: Promise<void>;
  readonly connected: boolean;
  readonly serverVersion: string;
  close(): void;
}

/** Connects, starts to watch and comes back at once; `synced` says when the copy is whole. */
export async function openCluster(kubeconfig: string, log: Log): Promise<Cluster> {
  const connection = await ClusterConnection.open(kubeconfig);
  const listeners = new Set<() => void>();
  let revision = 0;
  let serverVersion = "";
  const changed = (): void => {
    revision++;
    for (const listener of listeners) {
      listener();
    }
  };
  const informers = Object.fromEntries(
    kindNames.map((kind) => [kind, startInformer(connection, kind, changed, log)]),
  ) as { [K in WatchedKind]: Informer<WatchedKinds[K]> };
  const lists = new Map<WatchedKind, { revision: number; objects: readonly unknown[] }>();
  connection
    .request({ method: "GET", path: "/version" })
    .then(({ body }) => {
      serverVersion = String((body as { gitVersion?: string }).gitVersion ?? "");
    })
    .catch((error: unknown) => log.warn("cannot read the server's version", { error: String(error) }));

  const pathOf = (ref: ResourceRef): string => resourcePath(watchedKind(ref), ref.namespace, ref.name);
  return {
    list(kind) {
      const known = lists.get(kind);
      if (known?.revision === revision) {
        return known.objects as readonly WatchedKinds[typeof kind][];
      }
      const objects = [...informers[kind].objects.values()];
      lists.set(kind, { revision, objects });
      return objects as readonly WatchedKinds[typeof kind][];
    },
    get: (kind, namespace, name) =>
      informers[kind].objects.get(objectKey(namespace, name)) as WatchedKinds[typeof kind] | undefined,
    async read(ref) {
      try {
        return (await connection.request({ method: "GET", path: pathOf(ref) })).body as KubeObject;
      } catch (error) {
        if (isClusterError(error) && error.code === "not-found") {
          return undefined;
        }
        throw error;
      }
    },
    async apply(object, { dryRun = false, force = false } = {}) {
      const ref = refOf(object);
      const query = `?fieldManager=${fieldManager}&fieldValidation=Strict&force=${force}${dryRun ? "&dryRun=All" : ""}`;
      const { body, warnings } = await connection.request({
        method: "PATCH",
        path: pathOf(ref) + query,
        body: object,
        contentType: "application/apply-patch+yaml",
      });
      return { object: body as KubeObject, warnings };
    },
    async removeLabel(ref, label) {
      await connection.request({
        method: "PATCH",
        path: `${pathOf(ref)}?fieldManager=${fieldManager}`,
        body: { metadata: { labels: { [label]: null } } },
        contentType: "application/merge-patch+json",
      });
    },
    async merge(ref, patch) {
      await connection.request({
        method: "PATCH",
        path: `${pathOf(ref)}?fieldManager=${fieldManager}`,
        body: patch,
        contentType: "application/merge-patch+json",
      });
    },
    async remove(ref, { dryRun = false, uid } = {}) {
      try {
        await connection.request({
          method: "DELETE",
          path: pathOf(ref) + (dryRun ? "?dryRun=All" : ""),
          ...(uid === undefined ? {} : { body: { preconditions: { uid } }, contentType: "application/json" }),
        });
      } catch (error) {
        if (!(isClusterError(error) && error.code === "not-found")) {
          throw error;
        }
      }
    },
    async reviewToken(token, audience) {
      const { body } = await connection.request({
        method: "POST",
        path: "/apis/authentication.k8s.io/v1/tokenreviews",
        body: {
          apiVersion: "authentication.k8s.io/v1",
          kind: "TokenReview",
          spec: { token, audiences: [audience] },
        },
      });
      const { status } = body as {
        status?: {
          authenticated?: boolean;
          audiences?: string[];
          user?: { username?: string; extra?: Record<string, string[]> };
        };
      };
      const extra = (name: string): string => status?.user?.extra?.[`authentication.kubernetes.io/${name}`]?.[0] ?? "";
      return {
        authenticated: status?.authenticated === true && (status.audiences ?? []).includes(audience),
        username: status?.user?.username ?? "",
        podName: extra("pod-name"),
        nodeName: extra("node-name"),
      };
    },
    exec: (options) => exec(connection.config, options),
    get revision() {
      return revision;
    },
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    synced: Promise.all(kindNames.map((kind) => informers[kind].synced)).then(() => undefined),
    get connected() {
      return kindNames.every((kind) => informers[kind].connected);
    },
    get serverVersion() {
      return serverVersion;
    },
    close() {
      for (const kind of kindNames) {
        informers[kind].close();
      }
      connection.close();
    },
  };
}

export const refOf = ({ apiVersion, kind, metadata }: Applied): ResourceRef => ({
  apiVersion,
  kind,
  namespace: metadata.namespace ?? "",
  name: metadata.name,
});

function watchedKind({ apiVersion, kind }: ResourceRef): WatchedKind {
  const known = kindNames.find((name) => name === kind && watchedKinds[name].apiVersion === apiVersion);
  if (known === undefined) {
    throw new ClusterError("refused", 0, `The portal does not handle ${apiVersion} ${kind}`);
  }
  return known;
}
