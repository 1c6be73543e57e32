import type { TrafficInsight } from "@/server/golden-paths/insight.ts";
import type { Inventory } from "@/server/inventory/model.ts";
import type { TelemetryMemory } from "@/server/telemetry/memory.ts";
import type { MeasurePort } from "../ports.ts";

export interface ChainDeps {
  readonly inventory: { readonly current: Inventory };
  readonly telemetry: Pick<TelemetryMemory, "requests" | "names" | "trace">;
  readonly measure: Pick<MeasurePort, "freshUnixMs">;
  /** Empty when there is no gateway that this machine reaches. */
  readonly gatewayUrl: string;
  /** What was seen of the traffic of the last hour. */
  insight(): TrafficInsight;
}
