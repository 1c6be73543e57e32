import { setTimeout as delay } from "node:timers/promises";
import { createBackoff } from "../common/backoff.ts";
import type { Log } from "../common/log.ts";
import type { KubeClient } from "../kube-client/client.ts";
import { isKubeError } from "../kube-client/error.ts";
import { gatewayClasses } from "./translate/gateway/classes.ts";
import { resources } from "./world/resources.ts";

/** Creates the GatewayClasses that do not exist; goes on until it has succeeded or the signal fires. */
export async function ensureGatewayClasses(client: KubeClient, log: Log, signal: AbortSignal): Promise<void> {
  const backoff = createBackoff({ initialMs: 100, maxMs: 5_000 });
  for (const { name, controllerName, description } of gatewayClasses) {
    for (let done = false; !done && !signal.aborted; ) {
      try {
        await client.create(resources.gatewayClasses, {
          apiVersion: "gateway.networking.k8s.io/v1",
          kind: "GatewayClass",
          metadata: { name },
          spec: { controllerName, description },
        });
        done = true;
      } catch (error) {
        done = isKubeError(error, "alreadyExists", "invalid");
        if (isKubeError(error, "invalid")) {
          log.error("GatewayClass refused", { name, error: error.message });
        } else if (!done) {
          log.warn("GatewayClass not created yet", { name, error: String(error) });
          await delay(backoff.next(), undefined, { signal, ref: false }).catch(() => undefined);
        }
      }
    }
  }
}
