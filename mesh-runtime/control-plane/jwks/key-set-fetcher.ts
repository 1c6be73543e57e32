import type { Log } from "../../common/log.ts";
import type { KeySource } from "../translate/l7/jwt-rules.ts";
import { FetchError } from "./fetch-error.ts";
import { fetchKeySet } from "./fetch-key-set.ts";
import type { Get } from "./http-get.ts";
import { afterFailure, afterSuccess, afterWishMs, keptMs } from "./refresh-plan.ts";
import { shownUrl } from "./shown-url.ts";

/** Time, as far as the fetcher needs it. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Calls once after a while; the result takes it back. */
  after(ms: number, run: () => void): () => void;
}

/** A key set that was fetched, to be kept over restarts. */
export interface KeptKeySet {
  readonly url: string;
  readonly jwks: string;
  /** Milliseconds since the epoch. */
  readonly fetchedAtMs: number;
}

export interface KeySetFetcherOptions {
  readonly get: Get;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
  /** What was known before; sets older than a week are not used. */
  readonly kept: readonly KeptKeySet[];
  /** A key set came, changed or went, or the reason for having none changed. */
  readonly onChange: () => void;
  /** The sets that are worth keeping. */
  readonly keep: (sets: readonly KeptKeySet[]) => void;
}

/** Keeps the key sets of token issuers at hand. */
export interface KeySetFetcher {
  /** Public keys by the URL of their source. The same object all the time, kept up to date. */
  readonly keySets: ReadonlyMap<string, string>;
  /** Why the last fetch from a URL failed; likewise the same object. */
  readonly keyProblems: ReadonlyMap<string, string>;
  /** From now on exactly these sources are followed. */
  follow(sources: readonly (KeySource & { readonly timeoutMs: number })[]): void;
  /**
   * A token named a key that the set of this source lacks: it is fetched again, at once or as soon as half a minute has
   * passed since it was fetched last, however often it is asked for.
   */
  wanted(url: string): void;
  close(): void;
}

interface Followed {
  source: KeySource & { readonly timeoutMs: number };
  failures: number;
  /** A fetch is under way, or waits for its turn. */
  busy: boolean;
  /** When it was fetched last, and when it is due next. */
  fetchedAtMs: number;
  dueAtMs: number;
  /** Takes back what is due next. */
  cancel: () => void;
}

const sourcesMax = 256;
const parallelMax = 8;

/**
 * Fetches each source at once, again after twenty minutes, and sooner while it fails. The last good set stays in force
 * meanwhile, for a week at most; a source that never answered has none, and proxies refuse its tokens.
 */
export function createKeySetFetcher(options: KeySetFetcherOptions): KeySetFetcher {
  const { get, clock, random, log, onChange } = options;
  const known = new Map(
    options.kept.filter(({ fetchedAtMs }) => clock.now() - fetchedAtMs <= keptMs).map((set) => [set.url, set]),
  );
  // In force before anybody says what is followed, so that a restart refuses nobody.
  const keySets = new Map([...known].map(([url, { jwks }]) => [url, jwks]));
  const keyProblems = new Map<string, string>();
  const followed = new Map<string, Followed>();
  const stopping = new AbortController();
  const waiting: string[] = [];
  let running = 0;

  const put = (url: string, set: KeptKeySet | undefined): boolean => {
    const before = keySets.get(url);
    if (set === undefined) {
      keySets.delete(url);
    } else {
      keySets.set(url, set.jwks);
    }
    return before !== set?.jwks;
  };

  const startWaiting = (): void => {
    while (running < parallelMax) {
      const url = waiting.shift();
      const entry = url === undefined ? undefined : followed.get(url);
      if (url === undefined) {
        return;
      }
      if (entry !== undefined) {
        running += 1;
        void fetchOnce(entry).finally(() => {
          running -= 1;
          startWaiting();
        });
      }
    }
  };
  const enqueue = (url: string): void => {
    const entry = followed.get(url);
    if (entry !== undefined && !waiting.includes(url)) {
      entry.busy = true;
      waiting.push(url);
      startWaiting();
    }
  };
  const plan = (entry: Followed, waitMs: number): void => {
    entry.cancel();
    entry.dueAtMs = clock.now() + waitMs;
    entry.cancel = clock.after(waitMs, () => enqueue(entry.source.url));
  };

  const fetchOnce = async (entry: Followed): Promise<void> => {
    const { source } = entry;
    entry.fetchedAtMs = clock.now();
    const slow = new AbortController();
    const stopTimer = clock.after(source.timeoutMs, () => slow.abort());
    const outcome = await fetchKeySet(source, get, AbortSignal.any([slow.signal, stopping.signal])).then(
      (set) => set,
      (error: unknown) => (error instanceof FetchError ? error : new FetchError("unreachable", String(error))),
    );
    stopTimer();
    if (stopping.signal.aborted || followed.get(source.url) !== entry) {
      return;
    }
    const changed = outcome instanceof FetchError ? failed(entry, outcome) : succeeded(entry, outcome.jwks);
    const wait =
      outcome instanceof FetchError ? afterFailure(entry.failures, random) : afterSuccess(outcome.maxAgeMs, random);
    entry.busy = false;
    plan(entry, wait);
    if (changed) {
      onChange();
    }
  };

  const succeeded = (entry: Followed, jwks: string): boolean => {
    const { url } = entry.source;
    const set = { url, jwks, fetchedAtMs: clock.now() };
    const recovered = keyProblems.delete(url);
    entry.failures = 0;
    known.set(url, set);
    const changed = put(url, set);
    options.keep([...followed.keys()].flatMap((key) => known.get(key) ?? []));
    if (changed) {
      log.info("fetched a key set", { url: shownUrl(url) });
    }
    return changed || recovered;
  };

  const failed = (entry: Followed, error: FetchError): boolean => {
    const { url } = entry.source;
    const changed = keyProblems.get(url) !== error.message;
    entry.failures += 1;
    keyProblems.set(url, error.message);
    if (changed) {
      log.warn("cannot fetch a key set", { url: shownUrl(url), code: error.code, error: error.message });
    }
    const set = known.get(url);
    const expired = set !== undefined && clock.now() - set.fetchedAtMs > keptMs;
    if (expired) {
      known.delete(url);
      put(url, undefined);
    }
    return changed || expired;
  };

  return {
    keySets,
    keyProblems,
    follow(sources) {
      const wanted = new Map(sources.slice(0, sourcesMax).map((source) => [source.url, source]));
      let changed = false;
      for (const url of new Set([...followed.keys(), ...known.keys()])) {
        if (!wanted.has(url)) {
          followed.get(url)?.cancel();
          followed.delete(url);
          known.delete(url);
          keyProblems.delete(url);
          changed = put(url, undefined) || changed;
        }
      }
      for (const [url, source] of wanted) {
        const entry = followed.get(url);
        if (entry !== undefined) {
          entry.source = source;
          continue;
        }
        followed.set(url, { source, failures: 0, busy: false, fetchedAtMs: 0, dueAtMs: 0, cancel: () => {} });
        enqueue(url);
      }
      if (changed) {
        onChange();
      }
    },
    wanted(url) {
      const entry = followed.get(url);
      // While it fails it is tried again soon enough, and an origin in trouble is not asked more often.
      if (entry === undefined || entry.busy || entry.failures > 0) {
        return;
      }
      const wait = Math.max(0, entry.fetchedAtMs + afterWishMs - clock.now());
      if (clock.now() + wait < entry.dueAtMs) {
        plan(entry, wait);
      }
    },
    close() {
      stopping.abort();
      waiting.length = 0;
      for (const { cancel } of followed.values()) {
        cancel();
      }
      followed.clear();
    },
  };
}
