import type { Inventory } from "@/server/inventory/model.ts";
import type { NodeRef } from "@/server/traffic/graph/node-ref.ts";
import type { HeaderShare } from "./judge.ts";
import type { Shapes } from "./shape-columns.ts";

/** Observed traffic, and the cluster before and after a change. */
export interface ImpactInput {
  readonly shapes: Shapes;
  readonly before: Inventory;
  readonly after: Inventory;
  readonly trustDomain: string;
  readonly windowSeconds: number;
  /** Start of what is known. */
  readonly observedSinceUnixMs: number;
  /** Whether a change could touch what goes from one node to another; the rest is left out. */
  readonly concerns: (from: NodeRef, to: NodeRef) => boolean;
  readonly headerShare?: HeaderShare;
  /** What the figures cannot say, told by whoever collected them. */
  readonly notes?: readonly string[];
}
