import type { KubeObject } from "../api/meta.ts";
import type { Log } from "../common/log.ts";
import type { KubeClient } from "../kube-client/client.ts";
import { type Informer, startInformer } from "../kube-client/informer.ts";
import type { ResourceRef } from "../kube-client/resource.ts";
import { resources } from "./resources.ts";

/** Called with the new and the old state; one of them is undefined when the object came or went. */
export type Change<T> = (now: T | undefined, before: T | undefined) => void;

/** A followed collection. */
export interface Followed<T extends KubeObject> {
  get(namespace: string | undefined, name: string): T | undefined;
  list(): readonly T[];
  onChange(handler: Change<T>): void;
}

type Kinds = typeof resources;
type ObjectOf<R> = R extends ResourceRef<infer T> ? T : never;

/** Local copies of everything that the controllers look at, shared by all of them. */
export type World = { readonly [K in keyof Kinds]: Followed<ObjectOf<Kinds[K]>> };

/** Follows all kinds. Handlers must be added before `start`, so that they see every object come. */
export function createWorld(client: KubeClient, log: Log): { world: World; start(): Promise<void>; close(): void } {
  const starters: (() => Informer<never>)[] = [];
  const informers: { synced: Promise<void>; close(): void }[] = [];

  const follow = <T extends KubeObject>(kind: ResourceRef<T>): Followed<T> => {
    const handlers: Change<T>[] = [];
    const tell: Change<T> = (now, before) => {
      for (const handler of handlers) {
        handler(now, before);
      }
    };
    let informer: Informer<T> | undefined;
    starters.push(() => {
      informer = startInformer<T>(client, {
        kind,
        onAdd: (object) => tell(object, undefined),
        onUpdate: tell,
        onDelete: (object) => tell(undefined, object),
        onProblem: (error) => log.warn("watch broke, will go on", { kind: kind.kind, error: String(error) }),
      });
      return informer as unknown as Informer<never>;
    });
    return {
      get: (namespace, name) => informer?.store.get({ namespace, name }),
      list: () => informer?.store.list() ?? [],
      onChange: (handler) => handlers.push(handler),
    };
  };
  const world: World = {
    pods: follow(resources.pods),
    nodes: follow(resources.nodes),
    namespaces: follow(resources.namespaces),
    services: follow(resources.services),
    serviceAccounts: follow(resources.serviceAccounts),
    deployments: follow(resources.deployments),
    gateways: follow(resources.gateways),
  };
  return {
    world,
    async start() {
      informers.push(...starters.map((start) => start()));
      await Promise.all(informers.map(({ synced }) => synced));
    },
    close() {
      for (const informer of informers) {
        informer.close();
      }
    },
  };
}

/** `namespace/name`, the key of a namespaced object in the work queues. */
export const queueKey = ({ metadata }: KubeObject): string => `${metadata?.namespace ?? ""}/${metadata?.name ?? ""}`;

/** Splits a `queueKey`. */
export function fromQueueKey(key: string): { namespace: string; name: string } {
  const slash = key.indexOf("/");
  return { namespace: key.slice(0, slash), name: key.slice(slash + 1) };
}
