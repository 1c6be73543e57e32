import type { Workload } from "../xds/model.ts";

/** Who is at the other end of a connection, as far as it is proven. */
export interface Peer {
  /** `cluster.local/ns/<ns>/sa/<sa>` proven by mutual TLS (no scheme); absent on plain text and from outside. */
  readonly principal: string | undefined;
  /** Address of the peer. */
  readonly sourceIp: string;
  /** Address that was called. */
  readonly destinationIp: string;
  /** The caller's pod where it is known: its address and identity agree. */
  readonly workload: Workload | undefined;
  /** Server name of a TLS listener; empty otherwise. */
  readonly sni: string;
  readonly scheme: "http" | "https";
}
