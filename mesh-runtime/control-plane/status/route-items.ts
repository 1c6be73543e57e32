import { keyOf } from "../translate/input/lenient.ts";
import type { Translation } from "../translate/translate.ts";
import { textOf } from "./fingerprint.ts";
import { proxyConfigCarrier, type ReceiptItem, receiptKey } from "./receipt-item.ts";

/** Routes of Gateway API, once for each gateway and each service that serves them. */
export function routeItems({ routes, bindings }: Translation): ReceiptItem[] {
  return routes.flatMap(({ input, attached, services, meshRoute }): ReceiptItem[] => [
    ...[...attached].map(([gateway, listeners]) => ({
      key: receiptKey.route(input.kind, keyOf(input), `gateway/${gateway}`),
      generation: input.generation,
      fingerprint: [...listeners].map(([name, route]) => `${name}\n${textOf(route)}`).join("\n"),
      carriers: [proxyConfigCarrier(gateway)],
    })),
    ...[...services].flatMap(([service, ports]) => {
      const waypoint = bindings.ofService(service)?.intended;
      return waypoint === undefined
        ? []
        : [
            {
              key: receiptKey.route(input.kind, keyOf(input), `service/${service}`),
              generation: input.generation,
              fingerprint: [waypoint.key, ...ports, textOf(meshRoute)].join("\n"),
              carriers: [proxyConfigCarrier(waypoint.key)],
            },
          ];
    }),
  ]);
}
