import type { Duplex } from "node:stream";
import type { L7Limits } from "../../xds/proxy-config.ts";
import type { Endpoint } from "../mesh-view.ts";

/** What the pools of one cluster share: its limits, and what is used of them. */
export interface ConnectionBudget {
  readonly key: string;
  readonly limits: L7Limits;
  /** Connections, those being dialled too. */
  open: number;
  dial(endpoint: Endpoint): Promise<Duplex>;
  /** Whether one more request may wait for a connection. */
  mayWait(): boolean;
  /** A connection is gone, or was never made: its place may go to one that waits. */
  closed(): void;
  /** The number of those who wait has changed. */
  recount(): void;
}
