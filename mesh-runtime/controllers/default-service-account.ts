import type { ServiceAccount } from "../api/serviceaccount.ts";
import type { Running } from "../common/lifetime.ts";
import { isKubeError } from "../kube-client/error.ts";
import type { ControllerContext } from "./controller-context.ts";
import { resources } from "./resources.ts";
import { createWorkQueue } from "./work-queue.ts";

/** Sees that every namespace has the ServiceAccount `default`, the identity of pods that name none. */
export function startDefaultServiceAccounts({ client, world, log }: ControllerContext): Running {
  const reconcile = async (namespace: string): Promise<void> => {
    const { metadata } = world.namespaces.get(undefined, namespace) ?? {};
    const isThere = world.serviceAccounts.get(namespace, "default") !== undefined;
    if (metadata === undefined || metadata.deletionTimestamp !== undefined || isThere) {
      return;
    }
    const account: ServiceAccount = {
      apiVersion: "v1",
      kind: "ServiceAccount",
      metadata: { name: "default", namespace },
    };
    await client.create(resources.serviceAccounts, account).catch((error: unknown) => {
      // `forbidden`: the namespace began to end meanwhile.
      if (!isKubeError(error, "alreadyExists", "notFound", "forbidden")) {
        throw error;
      }
    });
  };
  const queue = createWorkQueue({ name: "default-service-accounts", reconcile, log });
  world.namespaces.onChange((now) => now && queue.add(now.metadata?.name ?? ""));
  world.serviceAccounts.onChange((now, before) => {
    if (now === undefined && before?.metadata?.name === "default") {
      queue.add(before.metadata.namespace ?? "");
    }
  });
  return { close: () => queue.close() };
}
