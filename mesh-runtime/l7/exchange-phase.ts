/**
 * - `planning`: the planner has not answered yet, or a delay is injected.
 * - `trying`: no answer yet.
 * - `responding`: the head of the answer is written.
 * - `tunnel`: bytes both ways.
 */
export type ExchangePhase = "planning" | "trying" | "responding" | "tunnel" | "over";
