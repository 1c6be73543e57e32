/** core/v1 Event: behaviour. */
import { type Event, eventSchema } from "../event.ts";
import { invalid } from "../validation/field-errors.ts";
import { age, column, nameColumn } from "./columns.ts";
import { nativeKind } from "./define.ts";

const lastSeen = (event: Event) =>
  event.series?.lastObservedTime || event.lastTimestamp || event.eventTime || event.firstTimestamp;

const about = (event: Event) => `${(event.involvedObject.kind ?? "").toLowerCase()}/${event.involvedObject.name ?? ""}`;

export const eventKind = nativeKind<Event>({
  group: "",
  version: "v1",
  kind: "Event",
  plural: "events",
  shortNames: ["ev"],
  schema: eventSchema,
  createOnUpdate: true,
  validate: (event) => {
    const wished = event.involvedObject?.namespace || "default";
    return event.metadata.namespace === wished
      ? []
      : [invalid("involvedObject.namespace", event.involvedObject?.namespace ?? "", "does not match event.namespace")];
  },
  columns: [
    column("Last Seen", (event: Event, now) => age(lastSeen(event), now)),
    column("Type", (event: Event) => event.type ?? ""),
    column("Reason", (event: Event) => event.reason ?? ""),
    column("Object", about),
    column("Subobject", (event: Event) => event.involvedObject.fieldPath ?? "", { priority: 1 }),
    column(
      "Source",
      (event: Event) =>
        [event.source?.component ?? event.reportingComponent ?? "", event.source?.host].filter(Boolean).join(", "),
      { priority: 1 },
    ),
    column("Message", (event: Event) => (event.message ?? "").trim()),
    column("First Seen", (event: Event, now) => age(event.firstTimestamp || event.eventTime, now), { priority: 1 }),
    column("Count", (event: Event) => event.series?.count ?? event.count ?? 1, { priority: 1 }),
    { ...nameColumn, priority: 1 },
  ],
});
