import type { KubeObject } from "../../api/meta.ts";
import type { Log } from "../../common/log.ts";
import type { KubeClient } from "../../kube-client/client.ts";
import { isKubeError } from "../../kube-client/error.ts";
import { type Informer, startInformer } from "../../kube-client/informer.ts";
import type { ResourceRef } from "../../kube-client/resource.ts";
import { readDestinationRule } from "../translate/input/destination-rule.ts";
import { readGateway } from "../translate/input/gateway.ts";
import { readGrpcRoute } from "../translate/input/grpc-route.ts";
import { readHttpRoute } from "../translate/input/http-route.ts";
import { keyOf, readMeta } from "../translate/input/lenient.ts";
import { defaultMeshConfig, readMeshConfig } from "../translate/input/mesh-config.ts";
import { readGatewayClass, readNamespace, readNode } from "../translate/input/namespace.ts";
import { readPod } from "../translate/input/pod.ts";
import { readAuthorizationPolicy, readPeerAuthentication } from "../translate/input/policy.ts";
import { readRateLimitPolicy } from "../translate/input/rate-limit-policy.ts";
import { readReferenceGrant } from "../translate/input/reference-grant.ts";
import { readRequestAuthentication } from "../translate/input/request-authentication.ts";
import { readSecret } from "../translate/input/secret.ts";
import { readService } from "../translate/input/service.ts";
import { readServiceEntry } from "../translate/input/service-entry.ts";
import { readTelemetry } from "../translate/input/telemetry.ts";
import { readVirtualService } from "../translate/input/virtual-service.ts";
import type { World } from "../translate/input/world.ts";
import { checkedSecret } from "./certificate-pair.ts";
import { type ResourceName, resources } from "./resources.ts";

/** Something in the API that changed; `input` is true for what the translation reads. */
export interface WorldChange {
  readonly resource: ResourceName;
  /** Of the object, as `WatchedWorld.object` takes it; empty when it is something outside of the API. */
  readonly key: string;
  readonly input: boolean;
}

/** The world as the API server tells it, kept up to date. */
export interface WatchedWorld {
  readonly world: World;
  /** Resolves when every kind has been listed once, or turned out not to be served. */
  readonly synced: Promise<void>;
  /** An object as it stands in the API, for those who write its status. */
  object(resource: ResourceName, key: string): KubeObject | undefined;
  /** Hears of every difference: what the translation reads (`input`) or, with `false`, only the rest, such as a status. */
  onChange(listener: (change: WorldChange) => void): () => void;
  /** Something that belongs to a resource changed outside of the API, such as keys that were fetched. */
  touch(resource: ResourceName): void;
  close(): void;
}

export interface WatchOptions {
  /** Namespace of the mesh's own configuration. */
  readonly rootNamespace: string;
  /** Key sets that are fetched elsewhere; whoever fetches them tells the publisher. */
  readonly keySets: ReadonlyMap<string, string>;
  readonly keyProblems: ReadonlyMap<string, string>;
}

/** Name of the ConfigMap that holds the mesh's own configuration, as Istio's. */
const meshConfigName = "istio";

/** Watches all kinds. Fields that the translation does not read are no change to it. */
export function watchWorld(client: KubeClient, log: Log, options: WatchOptions): WatchedWorld {
  const listeners = new Set<(change: WorldChange) => void>();
  const informers = new Map<ResourceName, Informer<KubeObject>>();
  const known: Promise<void>[] = [];

  const tell = (change: WorldChange): void => {
    for (const listener of listeners) {
      listener(change);
    }
  };
  const follow = <T>(
    resource: ResourceName,
    read: (object: KubeObject) => T,
    scope: { readonly namespace?: string; readonly fieldSelector?: string } = {},
  ): ReadonlyMap<string, T> => {
    const inputs = new Map<string, T>();
    const texts = new Map<string, string>();
    const notify = (key: string, input: boolean): void => tell({ resource, key, input });
    const put = (object: KubeObject): void => {
      const key = keyOf(readMeta(object));
      const input = read(object);
      const text = JSON.stringify(input);
      const changed = texts.get(key) !== text;
      if (changed) {
        texts.set(key, text);
        inputs.set(key, input);
      }
      notify(key, changed);
    };
    const missing = Promise.withResolvers<void>();
    let isMissing = false;
    const informer = startInformer<KubeObject>(client, {
      kind: resources[resource] as ResourceRef<KubeObject>,
      ...scope,
      onAdd: put,
      onUpdate: put,
      onDelete: (object) => {
        const key = keyOf(readMeta(object));
        texts.delete(key);
        notify(key, inputs.delete(key));
      },
      onProblem: (error) => {
        // A kind that the API server does not serve has no objects; the informer asks again now and then.
        if (!isKubeError(error, "notFound")) {
          log.warn("watch interrupted", { resource, error: String(error) });
        } else if (!isMissing) {
          isMissing = true;
          log.warn("kind not served by the API server", { resource });
          missing.resolve();
        }
      },
    });
    informers.set(resource, informer);
    known.push(Promise.race([informer.synced, missing.promise]));
    return inputs;
  };

  const { rootNamespace, keySets, keyProblems } = options;
  const configMaps = follow("configMaps", readMeshConfig, {
    namespace: rootNamespace,
    fieldSelector: `metadata.name=${meshConfigName}`,
  });
  const world: World = {
    namespaces: follow("namespaces", readNamespace),
    nodes: follow("nodes", readNode),
    pods: follow("pods", readPod),
    services: follow("services", readService),
    serviceEntries: follow("serviceEntries", readServiceEntry),
    authorizationPolicies: follow("authorizationPolicies", readAuthorizationPolicy),
    peerAuthentications: follow("peerAuthentications", readPeerAuthentication),
    requestAuthentications: follow("requestAuthentications", readRequestAuthentication),
    gateways: follow("gateways", readGateway),
    gatewayClasses: follow("gatewayClasses", readGatewayClass),
    httpRoutes: follow("httpRoutes", readHttpRoute),
    grpcRoutes: follow("grpcRoutes", readGrpcRoute),
    referenceGrants: follow("referenceGrants", readReferenceGrant),
    destinationRules: follow("destinationRules", readDestinationRule),
    virtualServices: follow("virtualServices", readVirtualService),
    telemetries: follow("telemetries", readTelemetry),
    rateLimitPolicies: follow("rateLimitPolicies", readRateLimitPolicy),
    secrets: follow("secrets", (object) => checkedSecret(readSecret(object))),
    get meshConfig() {
      return configMaps.get(`${rootNamespace}/${meshConfigName}`) ?? defaultMeshConfig;
    },
    keySets,
    keyProblems,
  };

  return {
    world,
    synced: Promise.all(known).then(() => undefined),
    object: (resource, key) => {
      const slash = key.indexOf("/");
      const at = slash < 0 ? { name: key } : { namespace: key.slice(0, slash), name: key.slice(slash + 1) };
      return informers.get(resource)?.store.get(at);
    },
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    touch: (resource) => tell({ resource, key: "", input: true }),
    close: () => {
      for (const informer of informers.values()) {
        informer.close();
      }
    },
  };
}
