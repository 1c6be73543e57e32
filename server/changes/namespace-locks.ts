import { tryLock } from "@/server/db/advisory-lock.ts";
import type { Pool } from "@/server/db/pool.ts";
import { PortalError } from "@/server/errors.ts";

/** The namespaces' locks, or undefined while another change holds one of them; across portal processes. */
export const tryNamespaces = (pool: Pool, namespaces: readonly string[]): Promise<(() => Promise<void>) | undefined> =>
  tryLock(
    pool,
    namespaces.map((namespace) => `change ${namespace}`),
  );

/**
 * Runs `work` under the namespaces' locks. `work` takes `release` along when it starts something that goes on; else they
 * are free afterwards. Throws PortalError `change-in-progress`.
 */
export async function underLocks<T>(
  pool: Pool,
  namespaces: readonly string[],
  work: (handOn: () => () => Promise<void>) => Promise<T>,
): Promise<T> {
  const unlock = await tryNamespaces(pool, namespaces);
  if (unlock === undefined) {
    throw new PortalError(
      "change-in-progress",
      `Another change of ${namespaces.join(", ")} is being applied. Try again when it is done.`,
    );
  }
  let handedOn = false;
  try {
    return await work(() => {
      handedOn = true;
      return unlock;
    });
  } finally {
    if (!handedOn) {
      await unlock();
    }
  }
}
