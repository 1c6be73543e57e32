import type { World } from "./world.ts";

export interface Flag {
  readonly type: "string" | "boolean";
  readonly short?: string;
  /** What stands behind it in the help; empty for switches. */
  readonly value?: string;
  readonly text: string;
}

// biome-ignore lint/suspicious/noExplicitAny: each command knows its own flags
export type FlagValues = any;

export interface Command {
  /** What stands behind the command; empty for nothing. */
  readonly argument: "" | "<release>" | "<bundle>";
  readonly summary: string;
  readonly flags: Readonly<Record<string, Flag>>;
  /** Resolves to the exit code. */
  run(flags: FlagValues, argument: string, world: World): Promise<number>;
}
