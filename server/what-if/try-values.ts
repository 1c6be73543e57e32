/** The same request as the page "Try it" sends it. Pure. */
import { tryMethod } from "@/server/contracts/try-it.ts";
import type { WhatIf, WhatIfRequest } from "@/server/contracts/what-if.ts";
import type { Inventory, InventoryService } from "@/server/inventory/model.ts";

/** null: nobody can send as this caller, or the request cannot be sent as it was asked. */
export function tryValues(
  { caller, method, path, headers, port, token }: WhatIfRequest,
  service: InventoryService,
  inventory: Inventory,
  gatewayUrl: string,
): WhatIf["tryIt"] {
  const asked = tryMethod.safeParse(method);
  // A token is only described, so that there is none to send.
  if (!asked.success || token !== null || caller.kind === "plain") {
    return null;
  }
  if (caller.kind === "outside") {
    return gatewayUrl === ""
      ? null
      : {
          source: { kind: "outside" },
          method: asked.data,
          url: `${gatewayUrl}${path}`,
          headers: [...(caller.host === "" ? [] : [{ name: "host", value: caller.host }]), ...headers],
        };
  }
  const pod = inventory.pods.find(
    (one) =>
      one.namespace === caller.namespace && one.serviceAccount === caller.serviceAccount && !one.proxy && one.ready,
  );
  return pod === undefined
    ? null
    : {
        source: { kind: "workload", namespace: pod.namespace, workload: pod.workload },
        method: asked.data,
        url: `http://${service.name}.${service.namespace}${port === 80 ? "" : `:${port}`}${path}`,
        headers,
      };
}
