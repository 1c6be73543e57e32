/** Hosts behind which only a new version answers, as exposures of the version's Service. Pure. */
import type { Inventory } from "@/server/inventory/model.ts";
import { type IntentOf, type IntentSet, intentsOf } from "../intent.ts";
import { httpPortsOf } from "../service-routes/http-ports.ts";
import { versionServiceName } from "../service-routes/service-host.ts";
import type { Exposure } from "./listeners.ts";

/** The whole host in plain HTTP; undefined while there is nothing to show, or nowhere to show it. */
export function previewOf(
  { service, canary, preview }: Pick<IntentOf<"release-a-version">, "service" | "canary" | "preview">,
  inventory: Inventory,
): Exposure | undefined {
  const [port] = httpPortsOf(inventory, service);
  return canary === null || preview === null || port === undefined
    ? undefined
    : {
        slug: "expose-to-the-outside",
        service: { namespace: service.namespace, name: versionServiceName(service, canary) },
        port,
        gateway: preview.gateway,
        host: preview.host,
        path: "/",
        certificate: null,
        redirectToHttps: false,
        isPreview: true,
      };
}

/** All that is served at gateways: what paths expose, and previews. */
export const exposuresOf = (intents: IntentSet, inventory: Inventory): Exposure[] => [
  ...intentsOf(intents, "expose-to-the-outside"),
  ...intentsOf(intents, "release-a-version").flatMap((release) => previewOf(release, inventory) ?? []),
];
