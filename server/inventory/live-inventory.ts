import type { Cluster } from "@/server/cluster/cluster.ts";
import { buildInventory } from "./build.ts";
import type { Inventory } from "./model.ts";

/** The newest inventory; built again only when the cluster's copy moved. */
export class LiveInventory {
  readonly #cluster: Cluster;
  #built: { revision: number; inventory: Inventory } | undefined;

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
  }

  get current(): Inventory {
    const { revision } = this.#cluster;
    if (this.#built?.revision !== revision) {
      const inventory = buildInventory({
        namespaces: this.#cluster.list("Namespace"),
        nodes: this.#cluster.list("Node"),
        pods: this.#cluster.list("Pod"),
        services: this.#cluster.list("Service"),
        serviceAccounts: this.#cluster.list("ServiceAccount"),
        gateways: this.#cluster.list("Gateway"),
        routes: this.#cluster.list("HTTPRoute"),
        grpcRoutes: this.#cluster.list("GRPCRoute"),
        virtualServices: this.#cluster.list("VirtualService"),
        destinationRules: this.#cluster.list("DestinationRule"),
        rateLimitPolicies: this.#cluster.list("RateLimitPolicy"),
        requestAuthentications: this.#cluster.list("RequestAuthentication"),
        authorizationPolicies: this.#cluster.list("AuthorizationPolicy"),
        peerAuthentications: this.#cluster.list("PeerAuthentication"),
        serviceEntries: this.#cluster.list("ServiceEntry"),
        telemetries: this.#cluster.list("Telemetry"),
        configMaps: this.#cluster.list("ConfigMap"),
      });
      this.#built = { revision, inventory };
    }
    return this.#built.inventory;
  }
}
