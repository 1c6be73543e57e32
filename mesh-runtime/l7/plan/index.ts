/** The entry of request planning. */
export type { ClusterCall, ClusterRequest, ClusterResponse } from "./cluster-call.ts";
export { createPlanner } from "./create-planner.ts";
export { PlannerMemory } from "./planner-memory.ts";
export type { PlannerOptions, PlannerScope } from "./planner-scope.ts";
