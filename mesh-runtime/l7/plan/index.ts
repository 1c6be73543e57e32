/** The entry of request planning. */
export { createPlanner } from "./create-planner.ts";
export { PlannerMemory } from "./planner-memory.ts";
export type { PlannerOptions, PlannerScope } from "./planner-scope.ts";
