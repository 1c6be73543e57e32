/** Whether a container that ended is started again (Kubernetes "Container restart policy"). */
export function shouldRestart(policy: string | undefined, exitCode: number): boolean {
  switch (policy) {
    case "Never":
      return false;
    case "OnFailure":
      return exitCode !== 0;
    default:
      return true;
  }
}

/** Times of the crash back-off; Kubernetes waits 10 s, doubling to 5 min, and forgets after 10 min of good running. */
export interface RestartBackOff {
  readonly firstMs: number;
  readonly lastMs: number;
  readonly forgetAfterMs: number;
}

export const kubernetesBackOff: RestartBackOff = { firstMs: 10_000, lastMs: 300_000, forgetAfterMs: 600_000 };

/**
 * How long to wait before the next start. The first restart is immediate, as the kubelet's: the pause counts from the
 * second failure in a row on.
 * @param previousMs the pause before the run that just ended; undefined when it was the first run
 * @param ranMs how long that run lasted
 */
export function nextPauseMs(previousMs: number | undefined, ranMs: number, backOff: RestartBackOff): number {
  if (previousMs === undefined || ranMs >= backOff.forgetAfterMs) {
    return 0;
  }
  return previousMs === 0 ? backOff.firstMs : Math.min(previousMs * 2, backOff.lastMs);
}
