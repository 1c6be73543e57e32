import type { Namespace } from "../api/namespace.ts";
import type { Node } from "../api/node.ts";
import type { Pod } from "../api/pod.ts";
import type { ResourceRef } from "../kube-client/resource.ts";

/** The resources of the API that a node runner touches. */
export const podResource: ResourceRef<Pod> = {
  group: "",
  version: "v1",
  kind: "Pod",
  plural: "pods",
  namespaced: true,
};
export const nodeResource: ResourceRef<Node> = {
  group: "",
  version: "v1",
  kind: "Node",
  plural: "nodes",
  namespaced: false,
};
export const namespaceResource: ResourceRef<Namespace> = {
  group: "",
  version: "v1",
  kind: "Namespace",
  plural: "namespaces",
  namespaced: false,
};
