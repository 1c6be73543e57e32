import type { Fields } from "../../http1/index.ts";
import { type PreparedConnection, prepareConnection } from "../../policy/index.ts";
import type { Peer } from "../peer.ts";

/** What all requests of a connection share, worked out once. */
export class Caller {
  /** Of the proven identity; empty without one. */
  readonly namespace: string;
  /** `<namespace>/<service account>`; empty without one. */
  readonly identity: string;
  readonly connection: PreparedConnection;
  readonly #peer: Peer;

  constructor(peer: Peer) {
    this.#peer = peer;
    const { principal: sourcePrincipal, sourceIp, destinationIp } = peer;
    this.connection = prepareConnection({ sourcePrincipal, sourceIp, destinationIp });
    const { parts } = this.connection;
    this.namespace = parts?.namespace ?? "";
    this.identity = parts === undefined ? "" : `${parts.namespace}/${parts.serviceAccount}`;
  }

  /**
   * The client's address as the last proxy saw it. Only a proxy of the mesh is believed (an ingress gateway in front of a
   * waypoint); of anybody else the address is that of the connection.
   */
  remoteIp(fields: Fields): string {
    const { workload, sourceIp } = this.#peer;
    const forwarded = workload?.nativeTunnel === true ? fields.joined("x-forwarded-for") : undefined;
    if (forwarded === undefined) {
      return sourceIp;
    }
    const hops = forwarded.split(",").map((hop) => hop.trim());
    // This proxy may have noted the proxy before it already.
    const own = hops.at(-1) === sourceIp ? -2 : -1;
    return hops.at(own) ?? sourceIp;
  }
}

const callers = new WeakMap<Peer, Caller>();

/** The caller behind a peer; peers live as long as their connection. */
export function callerOf(peer: Peer): Caller {
  let caller = callers.get(peer);
  if (caller === undefined) {
    caller = new Caller(peer);
    callers.set(peer, caller);
  }
  return caller;
}
