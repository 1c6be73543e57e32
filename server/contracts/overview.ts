import * as z from "zod";
import { changeSummary } from "./changes.ts";
import { prefilled } from "./golden-paths.ts";
import { sparkline, unixMs } from "./names.ts";
import { serviceSummary } from "./services.ts";

/** `GET /api/v1/overview?team=<name>|all&window=`; without `team` it is the person's own, or all. */
export const overviewQuery = z.strictObject({
  team: z.string().max(63).optional(),
  window: z.coerce.number().int().min(60).max(3600).default(300),
});
export type OverviewQuery = z.infer<typeof overviewQuery>;

const figure = z.strictObject({ value: z.number().nullable(), series: sparkline });

export const overview = z.strictObject({
  /** Empty: all teams. */
  team: z.string(),
  windowSeconds: z.int(),
  totals: z.strictObject({
    rps: figure,
    /** 0 to 1 of answers below 500. */
    answeredWell: figure,
    mtlsShare: figure,
    deniedPerSecond: figure,
  }),
  /** The team's services first, then those they touch. */
  services: z.array(serviceSummary),
  /** Failed, or applying. */
  attention: z.array(changeSummary),
  lately: z.array(changeSummary),
  leadTime: z.strictObject({
    medianMs: z.number().nullable(),
    slowestMs: z.number().nullable(),
    changes: z.int(),
    days: z.int(),
    /** The last figure of the ticket-based way, entered by a person; null until entered. */
    ticketMs: z.number().nullable(),
  }),
  /** What is not covered yet, the most urgent first. */
  gaps: z.array(
    z.strictObject({
      kind: z.enum([
        "not-enrolled",
        "plain-text-callers",
        "no-authorization",
        "mtls-not-required",
        "not-ready",
        "waypoint-refused",
        "waypoint-open",
        "layer7-unenforced",
      ]),
      text: z.string(),
      namespace: z.string(),
      service: z.string(),
      path: prefilled.nullable(),
    }),
  ),
  newestUnixMs: unixMs,
});
export type Overview = z.infer<typeof overview>;

/** `PUT /api/v1/settings/ticket-lead-time` (platform engineers); null forgets the figure. */
export const ticketLeadTimeRequest = z.strictObject({
  ticketMs: z
    .number()
    .positive()
    .max(365 * 24 * 3600 * 1000)
    .nullable(),
});
export type TicketLeadTimeRequest = z.infer<typeof ticketLeadTimeRequest>;
