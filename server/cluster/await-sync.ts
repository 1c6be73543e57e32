import { PortalError } from "@/server/errors.ts";
import type { Cluster } from "./cluster.ts";

const patienceMs = 5_000;

/** Waits until everything was listed once; a mesh that does not answer must not leave a page waiting for ever. */
export async function awaitSync(cluster: Pick<Cluster, "synced">, withinMs: number = patienceMs): Promise<void> {
  const timeout = Promise.withResolvers<never>();
  const timer = setTimeout(
    () =>
      timeout.reject(
        new PortalError(
          "cluster-unreachable",
          "The mesh's API has not answered yet, so nothing is known about services and rules. Try again in a few seconds.",
        ),
      ),
    withinMs,
  );
  try {
    await Promise.race([cluster.synced, timeout.promise]);
  } finally {
    clearTimeout(timer);
  }
}
