/** Forms about where calls are answered. */
import * as z from "zod";
import { serviceRef } from "../names.ts";

export const zoneValues = {
  /** What is near: the same node, or the same zone. Farther pods answer when no near one can. */
  near: z.enum(["zone", "node"]).default("zone"),
} as const;
/** Prefer pods nearby, fail over to the zone, the region, the rest. `enabled: false` takes the rule away. */
export const preferTheZoneForm = z.strictObject({
  service: serviceRef,
  ...zoneValues,
  enabled: z.boolean().default(true),
});
export type PreferTheZoneForm = z.infer<typeof preferTheZoneForm>;

/** Never leave the region; without pods there calls fail. Needs a waypoint. `enabled: false` takes the rule away. */
export const keepInRegionForm = z.strictObject({ service: serviceRef, enabled: z.boolean().default(true) });
export type KeepInRegionForm = z.infer<typeof keepInRegionForm>;
