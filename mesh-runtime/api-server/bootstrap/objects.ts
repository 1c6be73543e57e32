import { randomUUID } from "node:crypto";
import type { KubeObject } from "../../api/meta.ts";
import { serviceRange } from "../admission/cluster-ips.ts";
import { agentAccount } from "../auth/node-restriction.ts";
import { timeText } from "../resources/deps.ts";
import type { Store } from "../store/store.ts";

const systemNamespaces = ["default", "kube-system", "istio-system"] as const;
const systemAccounts = [agentAccount, { namespace: "istio-system", name: "istiod" }] as const;

/** Objects that are always there; made when they are missing, never changed. */
export function ensureSystemObjects(store: Store, now: Date, port: number): void {
  const ensure = (resource: string, namespace: string, name: string, object: KubeObject): void => {
    if (store.get({ resource, namespace, name }) === undefined) {
      const metadata = {
        name,
        ...(namespace === "" ? {} : { namespace }),
        uid: randomUUID(),
        creationTimestamp: timeText(now),
        ...object.metadata,
      };
      store.create({ resource, namespace, name }, { ...object, metadata });
    }
  };
  for (const name of systemNamespaces) {
    ensure("/namespaces", "", name, {
      apiVersion: "v1",
      kind: "Namespace",
      metadata: { labels: { "kubernetes.io/metadata.name": name } },
      spec: { finalizers: ["kubernetes"] },
      status: { phase: "Active" },
    } as KubeObject);
    ensureDefaultAccount(store, now, name);
  }
  for (const { namespace, name } of systemAccounts) {
    ensure("/serviceaccounts", namespace, name, { apiVersion: "v1", kind: "ServiceAccount" });
  }
  ensure("/services", "default", "kubernetes", {
    apiVersion: "v1",
    kind: "Service",
    metadata: { labels: { component: "apiserver", provider: "kubernetes" } },
    spec: {
      type: "ClusterIP",
      clusterIP: serviceRange.first,
      clusterIPs: [serviceRange.first],
      ipFamilies: ["IPv4"],
      ipFamilyPolicy: "SingleStack",
      internalTrafficPolicy: "Cluster",
      sessionAffinity: "None",
      ports: [{ name: "https", protocol: "TCP", port: 443, targetPort: port }],
    },
    status: { loadBalancer: {} },
  } as KubeObject);
}

/** Every namespace has a ServiceAccount `default`, for pods that name none. */
export function ensureDefaultAccount(store: Store, now: Date, namespace: string): void {
  const key = { resource: "/serviceaccounts", namespace, name: "default" };
  if (store.get(key) === undefined) {
    const metadata = { name: "default", namespace, uid: randomUUID(), creationTimestamp: timeText(now) };
    store.create(key, { apiVersion: "v1", kind: "ServiceAccount", metadata } as KubeObject);
  }
}
