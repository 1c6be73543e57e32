/** core/v1 Event: schema and type. */
import type * as z from "zod";
import { int32, str, struct, time } from "./schema/builders.ts";
import { object } from "./schema/object-meta.ts";
import { objectReference } from "./serviceaccount.ts";

export const eventSchema = object(
  "Event",
  "v1",
  "v1.Event",
  { involvedObject: objectReference.describe("What the event is about.") },
  {
    reason: str().describe("Why, as one CamelCase word for machines."),
    message: str().describe("What happened, for people."),
    source: struct("v1.EventSource", {}, { component: str(), host: str() }),
    firstTimestamp: time({ nullable: true }),
    lastTimestamp: time({ nullable: true }),
    count: int32().describe("How often it happened."),
    type: str().describe("Normal or Warning."),
    eventTime: str({ format: "date-time", goType: "v1.MicroTime", nullable: true }),
    series: struct(
      "v1.EventSeries",
      {},
      { count: int32(), lastObservedTime: str({ format: "date-time", goType: "v1.MicroTime" }) },
    ),
    action: str().describe("What was done or failed."),
    related: objectReference.describe("A second object that is involved."),
    reportingComponent: str().describe("Controller that says so."),
    reportingInstance: str().describe("Instance of the controller."),
  },
);

export type Event = z.infer<typeof eventSchema>;
