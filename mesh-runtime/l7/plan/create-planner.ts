import type { Planner } from "../request-plan.ts";
import type { PlannerOptions } from "./planner-scope.ts";

/** Compiles the configuration of one place into what judges and routes its requests. */
export function createPlanner(options: PlannerOptions): Planner {
  throw new Error(`not built: ${options.scope.kind}`);
}
