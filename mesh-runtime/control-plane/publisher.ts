import type { Log } from "../common/log.ts";
import { debounce } from "./debounce.ts";
import { createSnapshotBuilder, type Snapshot } from "./snapshot/snapshot.ts";
import type { MeshFacts } from "./translate/input/world.ts";
import { createTranslationMemory, type Translation, translate } from "./translate/translate.ts";
import type { WatchedWorld } from "./world/watched-world.ts";

/** A burst of changes ends after this quiet time, and is acted on within that longest time. */
const burst = { quietMs: 5, maxMs: 100 };

export interface Publisher {
  /** The newest translation; absent before the first. */
  readonly translation: () => Translation | undefined;
  stop(): void;
}

export interface PublisherOptions {
  readonly watched: WatchedWorld;
  readonly facts: MeshFacts;
  readonly log: Log;
  readonly onSnapshot: (snapshot: Snapshot) => void;
  /** After every translation, whether or not it changed what the proxies get. `changedAtMs`: when the burst began. */
  readonly onTranslation: (translation: Translation, changedAtMs: number) => void;
}

/** Translates when the world changed, and publishes what is different. Waits for the first complete world. */
export async function startPublisher(options: PublisherOptions): Promise<Publisher> {
  const { watched, facts, log } = options;
  const builder = createSnapshotBuilder();
  const memory = createTranslationMemory();
  let translation: Translation | undefined;

  const run = (changedAtMs: number): void => {
    translation = translate(watched.world, facts, memory);
    const { snapshot, problems } = builder.next(translation, changedAtMs);
    for (const { typeUrl, name, error } of problems) {
      log.error("resource could not be encoded", { typeUrl, name, error });
    }
    if (snapshot !== undefined) {
      options.onSnapshot(snapshot);
    }
    options.onTranslation(translation, changedAtMs);
  };

  const debounced = debounce(run, burst);
  await watched.synced;
  run(Date.now());
  const stop = watched.onChange(({ input }) => {
    if (input) {
      debounced.trigger();
    }
  });
  return {
    translation: () => translation,
    stop() {
      stop();
      debounced.stop();
    },
  };
}
