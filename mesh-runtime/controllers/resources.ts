import type { Deployment } from "../api/deployment.ts";
import type { Gateway } from "../api/gateway.ts";
import type { KubeObject } from "../api/meta.ts";
import type { Namespace } from "../api/namespace.ts";
import type { Node } from "../api/node.ts";
import type { Pod } from "../api/pod.ts";
import type { Service } from "../api/service.ts";
import type { ServiceAccount } from "../api/serviceaccount.ts";
import type { ResourceRef } from "../kube-client/resource.ts";

const core = <T extends KubeObject>(kind: string, plural: string, namespaced = true): ResourceRef<T> => ({
  group: "",
  version: "v1",
  kind,
  plural,
  namespaced,
});

/** The resources of the API that the controllers read and write. */
export const resources = {
  pods: core<Pod>("Pod", "pods"),
  nodes: core<Node>("Node", "nodes", false),
  namespaces: core<Namespace>("Namespace", "namespaces", false),
  services: core<Service>("Service", "services"),
  serviceAccounts: core<ServiceAccount>("ServiceAccount", "serviceaccounts"),
  deployments: {
    group: "apps",
    version: "v1",
    kind: "Deployment",
    plural: "deployments",
    namespaced: true,
  } as ResourceRef<Deployment>,
  gateways: {
    group: "gateway.networking.k8s.io",
    version: "v1",
    kind: "Gateway",
    plural: "gateways",
    namespaced: true,
  } as ResourceRef<Gateway>,
};

/** `pods/<name>/binding`, to which the scheduler posts its choice. */
export const bindingOf = (pod: string): ResourceRef =>
  core("Binding", `pods/${encodeURIComponent(pod)}/binding`) satisfies ResourceRef;
