import type { WaypointAddress } from "./model.ts";

/** What agents know of destinations outside of the mesh. */
export type Outside =
  | { readonly kind: "policy"; readonly mode: OutsideMode }
  | { readonly kind: "destination"; readonly destination: OutsideDestination };

/** Whether destinations that no ServiceEntry lists may be called (MeshConfig `outboundTrafficPolicy.mode`). */
export type OutsideMode = "ALLOW_ANY" | "REGISTRY_ONLY";

/** One host of a ServiceEntry. Key: `<namespace>/<name>/<host>`. */
export interface OutsideDestination {
  readonly namespace: string;
  /** Of the ServiceEntry. */
  readonly name: string;
  /** In lower case; a leading `*.` stands for any labels. */
  readonly host: string;
  /** Virtual addresses and networks by which it is called too. */
  readonly addresses: readonly string[];
  readonly ports: readonly number[];
  /** The waypoint that calls go through; absent: from the caller's own node. */
  readonly waypoint?: WaypointAddress | undefined;
  /** `<namespace>/<name>` of a waypoint that is named and cannot be used; empty when there is none. */
  readonly missingWaypoint: string;
  /** Namespaces that see it; empty: all. */
  readonly visibleTo: readonly string[];
  /** Milliseconds since the epoch: of several with one host the oldest has it; 0: unknown. */
  readonly createdAtMs: number;
  /** Where it is reached; empty: at its own name. */
  readonly endpoints: readonly OutsideEndpoint[];
}

/** One endpoint of a destination. */
export interface OutsideEndpoint {
  /** An address, or a name to be resolved. */
  readonly host: string;
  /** The endpoint's port by the destination's; one that is left out is the same. */
  readonly ports: Readonly<Record<number, number>>;
}
