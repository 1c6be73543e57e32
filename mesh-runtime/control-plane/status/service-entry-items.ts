import { keyOf } from "../translate/input/lenient.ts";
import type { World } from "../translate/input/world.ts";
import { outsideNames } from "../translate/outside/destinations.ts";
import type { Translation } from "../translate/translate.ts";
import { textOf } from "./fingerprint.ts";
import { outsideCarrier, proxyConfigCarrier, type ReceiptItem, receiptKey } from "./receipt-item.ts";

/** ServiceEntries: delivered when every agent knows the destinations, and the waypoint serves them. */
export function serviceEntryItems({ bindings, outside }: Translation, world: World): readonly ReceiptItem[] {
  return [...world.serviceEntries.values()].flatMap((entry) => {
    const key = keyOf(entry);
    const names = outsideNames(entry).filter((name) => outside.has(name));
    const waypoint = bindings.ofServiceEntry(key)?.intended;
    // Addresses are chosen after the entry is written: their coming is no new content.
    const { allocated: _, ...content } = entry;
    return names.length === 0
      ? []
      : [
          {
            key: receiptKey.carried("serviceEntries", key),
            generation: entry.generation,
            fingerprint: [textOf(content), waypoint?.key ?? ""].join("\n"),
            carriers: [
              ...names.map(outsideCarrier),
              ...(waypoint === undefined ? [] : [proxyConfigCarrier(waypoint.key)]),
            ],
          },
        ];
  });
}
