import { errors } from "../api-error.ts";

/** Counts open watches, so that no client can take all of the server's memory and sockets. */
export interface WatchLimiter {
  /** Throws 429. The function that is given ends the count, once. */
  acquire(user: string): () => void;
}

export function createWatchLimiter({ perUserMax, totalMax }: { perUserMax: number; totalMax: number }): WatchLimiter {
  const byUser = new Map<string, number>();
  let total = 0;
  return {
    acquire(user) {
      const count = byUser.get(user) ?? 0;
      if (count >= perUserMax || total >= totalMax) {
        throw errors.tooMany("too many watches are open; close some, or wait");
      }
      byUser.set(user, count + 1);
      total++;
      let isReleased = false;
      return () => {
        if (isReleased) {
          return;
        }
        isReleased = true;
        total--;
        const left = (byUser.get(user) ?? 1) - 1;
        if (left === 0) {
          byUser.delete(user);
        } else {
          byUser.set(user, left);
        }
      };
    },
  };
}
