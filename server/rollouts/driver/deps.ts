import type { Changes } from "@/server/changes/changes.ts";
import type { Pool } from "@/server/db/pool.ts";
import type { Log } from "@/server/log.ts";
import type { Judge } from "../analysis/judge.ts";
import type { RolloutPorts } from "../ports.ts";
import type { StoreDeps } from "../store/deps.ts";

/** What driving releases needs. */
export interface DriverDeps extends StoreDeps {
  readonly pool: Pool;
  readonly log: Log;
  readonly ports: RolloutPorts;
  readonly judge: Judge;
  /** To take back a question to other teams. */
  readonly changes: Pick<Changes, "withdrawForRollout">;
  /** Milliseconds since the epoch. */
  now(): number;
}
