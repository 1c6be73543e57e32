/** What is wrong, or means nothing, in the resources as they are, whoever wrote them. */
import * as z from "zod";
import { finding } from "./golden-paths.ts";
import { dnsLabel } from "./names.ts";

/** `GET /api/v1/findings` */
export const findingsQuery = z.strictObject({
  namespace: dnsLabel.optional(),
  /** Of the namespace; those that are about this service. */
  service: dnsLabel.optional(),
});
export type FindingsQuery = z.infer<typeof findingsQuery>;

export const findingList = z.strictObject({
  /** Worst first; `place` says where each is. */
  findings: z.array(finding),
  /** How many there are in all; more than 500 are not listed. */
  total: z.int(),
});
export type FindingList = z.infer<typeof findingList>;
