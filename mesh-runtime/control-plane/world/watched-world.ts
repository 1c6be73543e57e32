import type { KubeObject } from "../../api/meta.ts";
import type { Log } from "../../common/log.ts";
import type { KubeClient } from "../../kube-client/client.ts";
import { type Informer, startInformer } from "../../kube-client/informer.ts";
import type { ResourceRef } from "../../kube-client/resource.ts";
import { readGateway } from "../translate/input/gateway.ts";
import { readHttpRoute } from "../translate/input/http-route.ts";
import { keyOf, readMeta } from "../translate/input/lenient.ts";
import { readGatewayClass, readNamespace, readNode } from "../translate/input/namespace.ts";
import { readPod } from "../translate/input/pod.ts";
import { readAuthorizationPolicy, readPeerAuthentication } from "../translate/input/policy.ts";
import { readService } from "../translate/input/service.ts";
import type { World } from "../translate/input/world.ts";
import { type ResourceName, resources } from "./resources.ts";

/** The world as the API server tells it, kept up to date. */
export interface WatchedWorld {
  readonly world: World;
  /** Resolves when every kind has been listed once. */
  readonly synced: Promise<void>;
  /** An object as it stands in the API, for those who write its status. */
  object(resource: ResourceName, key: string): KubeObject | undefined;
  objects(resource: ResourceName): readonly KubeObject[];
  /** Hears of every difference: what the translation reads (`input`) or, with `false`, only the rest, such as a status. */
  onChange(listener: (change: { readonly resource: ResourceName; readonly input: boolean }) => void): () => void;
  close(): void;
}

/** Watches all kinds. Fields that the translation does not read are no change to it. */
export function watchWorld(client: KubeClient, log: Log): WatchedWorld {
  const listeners = new Set<(change: { resource: ResourceName; input: boolean }) => void>();
  const informers = new Map<ResourceName, Informer<KubeObject>>();

  const follow = <T>(resource: ResourceName, read: (object: KubeObject) => T): ReadonlyMap<string, T> => {
    const inputs = new Map<string, T>();
    const texts = new Map<string, string>();
    const notify = (input: boolean): void => {
      for (const listener of listeners) {
        listener({ resource, input });
      }
    };
    const put = (object: KubeObject): void => {
      const key = keyOf(readMeta(object));
      const input = read(object);
      const text = JSON.stringify(input);
      const changed = texts.get(key) !== text;
      if (changed) {
        texts.set(key, text);
        inputs.set(key, input);
      }
      notify(changed);
    };
    const informer = startInformer<KubeObject>(client, {
      kind: resources[resource] as ResourceRef<KubeObject>,
      onAdd: put,
      onUpdate: put,
      onDelete: (object) => {
        const key = keyOf(readMeta(object));
        texts.delete(key);
        notify(inputs.delete(key));
      },
      onProblem: (error) => log.warn("watch interrupted", { resource, error: String(error) }),
    });
    informers.set(resource, informer);
    return inputs;
  };

  const world: World = {
    namespaces: follow("namespaces", readNamespace),
    nodes: follow("nodes", readNode),
    pods: follow("pods", readPod),
    services: follow("services", readService),
    authorizationPolicies: follow("authorizationPolicies", readAuthorizationPolicy),
    peerAuthentications: follow("peerAuthentications", readPeerAuthentication),
    gateways: follow("gateways", readGateway),
    gatewayClasses: follow("gatewayClasses", readGatewayClass),
    httpRoutes: follow("httpRoutes", readHttpRoute),
  };

  return {
    world,
    synced: Promise.all([...informers.values()].map(({ synced }) => synced)).then(() => undefined),
    object: (resource, key) => {
      const slash = key.indexOf("/");
      const at = slash < 0 ? { name: key } : { namespace: key.slice(0, slash), name: key.slice(slash + 1) };
      return informers.get(resource)?.store.get(at);
    },
    objects: (resource) => informers.get(resource)?.store.list() ?? [],
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close: () => {
      for (const informer of informers.values()) {
        informer.close();
      }
    },
  };
}
