import { join } from "node:path";
import type { Log } from "../../common/log.ts";
import type { World } from "../translate/input/world.ts";
import { createGet } from "./http-get.ts";
import { keySetWriter, loadKeySets } from "./kept-key-sets.ts";
import { type Clock, createKeySetFetcher, type KeySetFetcher } from "./key-set-fetcher.ts";
import { placeOf } from "./mesh-host.ts";

const systemClock: Clock = {
  now: () => Date.now(),
  after: (ms, run) => {
    const timer = setTimeout(run, ms);
    timer.unref();
    return () => clearTimeout(timer);
  },
};

/** Starts the fetcher on the real network. `folder` keeps what was fetched over restarts. */
export async function startKeySets({
  folder,
  world,
  onChange,
  log,
}: {
  readonly folder: string;
  /** Services and pods, to find issuers inside the mesh. Asked at each fetch. */
  readonly world: () => World;
  readonly onChange: () => void;
  readonly log: Log;
}): Promise<KeySetFetcher> {
  const path = join(folder, "key-sets.json");
  return createKeySetFetcher({
    get: createGet({ place: (hostname, port) => placeOf(hostname, port, world()) }),
    clock: systemClock,
    random: Math.random,
    log,
    kept: await loadKeySets(path),
    onChange,
    keep: keySetWriter(path, log).write,
  });
}
