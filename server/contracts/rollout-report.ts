/** `GET /api/v1/rollouts/<id>/report?format=json`: a release whole, as far as it is kept. */
import * as z from "zod";
import { rolloutDetails } from "./rollouts.ts";

export const rolloutReport = rolloutDetails.extend({
  /**
   * How many intervals and events there were. More than `verdicts` and `events` hold: the newest are there, since a report
   * has at most 10,000 of each, and of a release that ended long ago the newest 500 are kept.
   */
  of: z.strictObject({ verdicts: z.int(), events: z.int() }),
});
export type RolloutReport = z.infer<typeof rolloutReport>;
