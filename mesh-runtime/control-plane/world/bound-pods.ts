import type { WorkloadIdentity } from "../../identity/spiffe-id.ts";
import type { WatchedWorld } from "./watched-world.ts";

/** How long a certificate request waits for news of a pod that was bound a moment ago, in milliseconds. */
const patienceMs = 1_000;

/** Whether a pod of the identity is bound to the node and has not ended; waits a moment before it says no. */
export async function runsOnNode(watched: WatchedWorld, identity: WorkloadIdentity, node: string): Promise<boolean> {
  const bound = (): boolean => {
    for (const pod of watched.world.pods.values()) {
      if (
        pod.node === node &&
        pod.namespace === identity.namespace &&
        pod.serviceAccount === identity.serviceAccount &&
        !pod.ended
      ) {
        return true;
      }
    }
    return false;
  };
  if (bound()) {
    return true;
  }
  return await new Promise<boolean>((resolve) => {
    const done = (answer: boolean): void => {
      clearTimeout(timer);
      stop();
      resolve(answer);
    };
    const stop = watched.onChange(({ resource }) => {
      if (resource === "pods" && bound()) {
        done(true);
      }
    });
    const timer = setTimeout(() => done(false), patienceMs);
    timer.unref();
  });
}
