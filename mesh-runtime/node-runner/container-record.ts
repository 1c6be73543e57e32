import * as z from "zod";

const date = z.codec(z.string(), z.date(), {
  decode: (text) => new Date(text),
  encode: (value) => value.toISOString(),
});

const ended = z.object({
  id: z.string(),
  code: z.int(),
  signal: z.int().optional(),
  /** False when the process was not this program's child, so that nobody knows how it ended. */
  known: z.boolean(),
  startedAt: date,
  finishedAt: date,
});
/** How a container's last run ended. */
export type Ended = z.output<typeof ended>;

/** What must survive the node runner about one container: enough to know its process again. */
export const containerRecord = z.object({
  restartCount: z.int().nonnegative(),
  /** Last pause of the crash back-off, in ms. */
  pauseMs: z.number().nonnegative().optional(),
  last: ended.optional(),
  running: z
    .object({
      pid: z.int().positive(),
      startTime: z.string(),
      startedAt: date,
      id: z.string(),
      /** What its probes had found: a process that is adopted is as ready as it was until a probe says otherwise. */
      started: z.boolean().default(false),
      ready: z.boolean().default(false),
    })
    .optional(),
});
export type ContainerRecord = z.output<typeof containerRecord>;
