import { performance } from "node:perf_hooks";

const everyMs = 10_000;
const issuersMax = 256;

/** Asks for the keys of an issuer when a token names one that is not known, at most every ten seconds for each issuer. */
export class WantedKeys {
  readonly #ask: (issuer: string) => void;
  readonly #now: () => number;
  readonly #askedMs = new Map<string, number>();

  constructor(ask: (issuer: string) => void, now: () => number = () => performance.now()) {
    this.#ask = ask;
    this.#now = now;
  }

  /** Takes one wish; callers may make many. */
  readonly wanted = (issuer: string): void => {
    const nowMs = this.#now();
    const askedMs = this.#askedMs.get(issuer);
    if (askedMs === undefined ? this.#askedMs.size >= issuersMax : nowMs - askedMs < everyMs) {
      return;
    }
    this.#askedMs.set(issuer, nowMs);
    this.#ask(issuer);
  };
}
