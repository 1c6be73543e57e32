import { lookup } from "node:dns/promises";
import { isPublicAddress } from "../../common/public-address.ts";
import { UpstreamError } from "./upstream-error.ts";

/** All addresses of a name, in the order in which they are to be tried. */
export type Resolve = (host: string) => Promise<readonly { readonly address: string; readonly family: number }[]>;

type Addresses = Awaited<ReturnType<Resolve>>;

interface Answer {
  readonly untilMs: number;
  readonly addresses: Promise<Addresses>;
}

export interface OutsideResolverOptions {
  readonly resolve?: Resolve;
  readonly now?: () => number;
  /** A name leads to addresses that it must not lead to; told once for each answer. */
  readonly onRefused?: (host: string, addresses: readonly string[]) => void;
}

/** How long an answer is used. The system's resolver tells no lifetime; much shorter than most are. */
const keptMs = 15_000;
/** How long a failure is. */
const failedMs = 1_000;
const namesMax = 1_000;

/**
 * Addresses of names outside of the mesh, cached. Whoever holds a name can point it anywhere, so addresses of this
 * machine, of the link and of private networks are left out; a name with no other address is an error.
 */
export class OutsideResolver {
  readonly #answers = new Map<string, Answer>();
  readonly #resolve: Resolve;
  readonly #now: () => number;
  readonly #onRefused: NonNullable<OutsideResolverOptions["onRefused"]>;

  constructor({ resolve = lookupAll, now = Date.now, onRefused = () => undefined }: OutsideResolverOptions = {}) {
    this.#resolve = resolve;
    this.#now = now;
    this.#onRefused = onRefused;
  }

  /** At least one address. Rejects with an UpstreamError. */
  async addresses(host: string): Promise<Addresses> {
    const known = this.#answers.get(host);
    if (known !== undefined && known.untilMs > this.#now()) {
      return await known.addresses;
    }
    const addresses = this.#ask(host);
    this.#keep(host, { untilMs: this.#now() + keptMs, addresses });
    try {
      return await addresses;
    } catch (error) {
      this.#keep(host, { untilMs: this.#now() + failedMs, addresses });
      throw error;
    }
  }

  async #ask(host: string): Promise<Addresses> {
    let found: Addresses;
    try {
      found = await this.#resolve(host);
    } catch (error) {
      throw new UpstreamError("connect", `${host} cannot be resolved`, { cause: error });
    }
    const usable = found.filter(({ address }) => isPublicAddress(address));
    if (usable.length < found.length) {
      this.#onRefused(
        host,
        found.filter((entry) => !usable.includes(entry)).map(({ address }) => address),
      );
    }
    if (usable.length === 0) {
      throw new UpstreamError("connect", `${host} has no address that may be called`);
    }
    return usable;
  }

  #keep(host: string, answer: Answer): void {
    this.#answers.delete(host);
    const [oldest] = this.#answers.keys();
    if (this.#answers.size >= namesMax && oldest !== undefined) {
      this.#answers.delete(oldest);
    }
    this.#answers.set(host, answer);
  }
}

const lookupAll: Resolve = (host) => lookup(host, { all: true, order: "verbatim" });
