/** At the beginning of a release whose new version is reached by a header alone, nobody need ask how far that gets. */

import type { RolloutKind } from "@/server/contracts/rollout-spec.ts";
import type { ChainCheck } from "@/server/contracts/rollouts.ts";
import type { DriverDeps } from "../driver/deps.ts";
import type { Release } from "../machine/state.ts";
import { type Next, noted, stay } from "../machine/step.ts";
import { type RolloutRow, releaseOf, rolloutParts } from "../store/rows.ts";
import { transition } from "../store/transition.ts";
import { leadingHeaderOf } from "./leading-header.ts";

/** Kinds that begin with calls that say so themselves. */
const byHeader: readonly RolloutKind[] = ["header-canary", "ab-test"];

/** Shares of its own are in force, and nobody looked yet. */
export const wantsLook = ({ spec, machine }: Pick<Release, "spec" | "machine">): boolean =>
  byHeader.includes(spec.kind) &&
  spec.match.some((match) => leadingHeaderOf(match) !== undefined) &&
  machine.chain === null &&
  (machine.phase === "soaking" || machine.phase === "gate");

/** What it becomes by what was seen; a header that is lost is worth a line in its history. */
export const looked = ({ machine }: Pick<Release, "machine">, chain: ChainCheck): Next =>
  machine.chain !== null
    ? stay(machine)
    : chain.state === "lost"
      ? noted({ ...machine, chain }, "warning", "chain", chain.sentence)
      : stay({ ...machine, chain });

export class FirstLooks {
  readonly #deps: DriverDeps;
  readonly #busy = new Map<string, Promise<void>>();

  constructor(deps: DriverDeps) {
    this.#deps = deps;
  }

  /** Begins looks that are due; waits for none of them. */
  async tick(): Promise<void> {
    const rows = await this.#deps.db.rollout.findMany({
      where: { state: { in: ["running", "paused"] }, OR: byHeader.map((kind) => kindIs(kind)) },
      include: rolloutParts,
    });
    for (const { row, release } of rows.flatMap(readable)) {
      if (!this.#busy.has(row.id) && wantsLook(release)) {
        const look = this.#look(row.id, release)
          .catch((error: unknown) =>
            this.#deps.log.warn("cannot look how far a header gets", { release: row.number, error: String(error) }),
          )
          .finally(() => this.#busy.delete(row.id));
        this.#busy.set(row.id, look);
      }
    }
  }

  async settled(): Promise<void> {
    await Promise.allSettled(this.#busy.values());
  }

  async #look(id: string, { spec }: Release): Promise<void> {
    const chain = await this.#deps.ports.chain.check(spec);
    await transition(id, this.#deps, (release) => looked(release, chain));
  }
}

const kindIs = (kind: RolloutKind) => ({ spec: { path: ["kind"], equals: kind } });

/** Whoever takes releases along tells of one that cannot be read. */
function readable(row: RolloutRow): { readonly row: RolloutRow; readonly release: Release }[] {
  try {
    return [{ row, release: releaseOf(row) }];
  } catch {
    return [];
  }
}
