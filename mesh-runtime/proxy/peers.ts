import { isIP } from "node:net";
import type { InboundConnection } from "../hbone/server.ts";
import { formatPrincipal } from "../identity/spiffe-id.ts";
import type { MeshView } from "../l7/mesh-view.ts";
import type { Peer } from "../l7/peer.ts";
import type { Workload } from "../xds/model.ts";

/** Destinations of one connection whose peer is remembered; beyond it each tunnel gets an object of its own. */
const rememberedMax = 64;

/**
 * Who calls through a connection. The identity is what mutual TLS proved; the workload is the pod at the peer's address,
 * and only if it has that identity: an address alone proves nothing. The same object for the same connection,
 * destination and workload, so that telemetry finds its labels by it.
 */
export class Peers {
  readonly #view: MeshView;
  readonly #known = new WeakMap<InboundConnection, Map<string, Peer>>();

  constructor(view: MeshView) {
    this.#view = view;
  }

  of(connection: InboundConnection, host: string): Peer {
    const workload = this.#workloadOf(connection);
    let known = this.#known.get(connection);
    if (known === undefined) {
      known = new Map();
      this.#known.set(connection, known);
    }
    const remembered = known.get(host);
    if (remembered !== undefined && remembered.workload === workload) {
      return remembered;
    }
    const peer: Peer = {
      principal: connection.principal,
      sourceIp: connection.remoteAddress,
      destinationIp: this.#addressOf(host),
      workload,
      sni: "",
      scheme: "http",
    };
    if (known.size < rememberedMax || remembered !== undefined) {
      known.set(host, peer);
    }
    return peer;
  }

  #workloadOf({ remoteAddress, principal }: InboundConnection): Workload | undefined {
    const workload = this.#view.workloadAt(remoteAddress);
    return workload !== undefined && formatPrincipal(workload) === principal ? workload : undefined;
  }

  /** The address that was called: a service that was called by name has its first ClusterIP. */
  #addressOf(host: string): string {
    return isIP(host) === 0 ? (this.#view.serviceByHostname(host)?.addresses[0] ?? "") : host;
  }
}
