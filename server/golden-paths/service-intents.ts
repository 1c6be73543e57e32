/** Intents by the service that they are about. Pure. */
import type { ServiceRef } from "@/server/contracts/names.ts";
import { type IntentSet, isServiceIntent, type ServiceIntent } from "./intent.ts";

export interface ServiceIntents {
  readonly service: ServiceRef;
  readonly intents: readonly ServiceIntent[];
}

/** What is in force for each service, by `<namespace>/<name>` in order. */
export function groupByService(set: IntentSet): ReadonlyMap<string, ServiceIntents> {
  const groups = new Map<string, { service: ServiceRef; intents: ServiceIntent[] }>();
  for (const intent of set.values()) {
    if (isServiceIntent(intent)) {
      const { service } = intent;
      const key = `${service.namespace}/${service.name}`;
      const group = groups.get(key) ?? { service, intents: [] };
      group.intents.push(intent);
      groups.set(key, group);
    }
  }
  return new Map([...groups].sort(([one], [other]) => (one < other ? -1 : 1)));
}
