/**
 * Works out what changes would do to observed traffic, from copies that are kept up to date: counts, names of headers,
 * the cluster's objects. Lives in a thread of its own, see `replay-thread.ts`.
 */
import { setTimeout as delay } from "node:timers/promises";
import type { Pool } from "@/server/db/pool.ts";
import { concernsOf } from "@/server/impact/concerns.ts";
import { assessImpact } from "@/server/impact/impact.ts";
import { inventoryAfter } from "@/server/impact/objects-after.ts";
import { hourMs, ObservedTraffic, type TrafficLimits } from "@/server/impact/observed-traffic.ts";
import { noKind, type SeenShape } from "@/server/impact/request-kinds.ts";
import { buildInventory } from "@/server/inventory/build.ts";
import type { ClusterObjects } from "@/server/inventory/cluster-objects.ts";
import type { Inventory } from "@/server/inventory/model.ts";
import { addNames, type NameCounts, type NameIdentity, nameKey } from "@/server/telemetry/records.ts";
import { Slots } from "@/server/telemetry/slots.ts";
import { namesOf, namesOfService } from "@/server/traffic/seen-names.ts";
import { History, type HistoryOptions } from "./history.ts";
import type { FedCounts, FromThread, Question, Told } from "./messages.ts";
import { ObjectsCopy } from "./objects-feed.ts";

/** A preview waits so long for hours that are being read; then it says what it lacks. */
const historyWaitMs = 3_000;

export interface ReplayOptions extends Omit<HistoryOptions, "onHour"> {
  readonly limits?: TrafficLimits;
}

type Answer =
  | { readonly impact: Extract<FromThread, { readonly impact: unknown }>["impact"] }
  | { readonly problem: "database"; readonly message: string };

export class Replay {
  readonly #traffic: ObservedTraffic;
  readonly #history: History;
  readonly #trustDomain: string;
  readonly #objects = new ObjectsCopy();
  readonly #names = new Slots<NameIdentity, NameCounts>({
    add: addNames,
    copy: (counts) => ({ ...counts }),
    seriesMax: 20_000,
  });
  /** Shapes and their kinds by the numbers of the feed. */
  #shapes: SeenShape[] = [];
  #kinds: number[] = [];
  #told: NameIdentity[] = [];
  #built: { readonly objects: ClusterObjects; readonly inventory: Inventory } | undefined;

  constructor(pool: Pool, trustDomain: string, { limits, ...history }: ReplayOptions = {}) {
    this.#traffic = new ObservedTraffic(limits);
    this.#trustDomain = trustDomain;
    this.#history = new History(pool, this.#traffic, { ...history, onHour: () => this.tidy(Date.now()) });
  }

  take(told: Told): void {
    if (told.kind === "shapes") {
      this.#takeShapes(told.fed);
    } else if (told.kind === "names") {
      this.#takeNames(told.fed);
    } else {
      this.#objects.take(told.fed);
    }
  }

  /** Reads hours that are over, so that a preview finds them. Rejects when the database cannot be read. */
  catchUp(nowMs: number): Promise<void> {
    return this.#history.catchUp(nowMs);
  }

  /** Gives up what is too old or too much. */
  tidy(nowMs: number): void {
    this.#names.compact(nowMs);
    // While an hour is read its kinds are known by their numbers.
    const renumbered = this.#history.reading ? undefined : this.#traffic.tidy(nowMs);
    if (renumbered !== undefined) {
      this.#kinds = this.#kinds.map((kind) => renumbered[kind] ?? noKind);
    }
  }

  /** Throws what is thrown while it is worked out. */
  async answer({ steps, windowSeconds, nowMs, notes }: Question): Promise<Answer> {
    const late: string[] = [];
    if (windowSeconds * 1_000 > hourMs) {
      const read = this.#history.catchUp(nowMs).then(
        () => "read" as const,
        (error: unknown) => ({ problem: "database" as const, message: String(error) }),
      );
      const outcome = await Promise.race([read, delay(historyWaitMs, "late" as const, { ref: false })]);
      if (typeof outcome === "object") {
        return outcome;
      }
      if (outcome === "late") {
        late.push("What was observed some hours ago is still being read; look again in a minute.");
      }
    }
    const before = this.#inventory();
    const { shapes, sinceUnixMs, notes: lacks } = this.#traffic.window(windowSeconds, nowMs);
    const impact = assessImpact({
      shapes,
      before,
      after: inventoryAfter(
        before,
        steps.filter(({ changes }) => changes),
      ),
      trustDomain: this.#trustDomain,
      windowSeconds,
      observedSinceUnixMs: sinceUnixMs,
      concerns: concernsOf(steps),
      headerShare: this.#headerShare(nowMs),
      notes: [...late, ...lacks, ...notes],
    });
    return { impact };
  }

  #inventory(): Inventory {
    const objects = this.#objects.current;
    if (this.#built?.objects !== objects) {
      this.#built = { objects, inventory: buildInventory(objects) };
    }
    return this.#built.inventory;
  }

  /** Share of a service's requests that carried a header in the last hour. */
  #headerShare(nowMs: number) {
    let names: ReturnType<typeof namesOf> | undefined;
    return (service: { readonly namespace: string; readonly name: string }, header: string): number | undefined => {
      names ??= namesOf({ names: this.#names }, nowMs - hourMs, nowMs + 1_000);
      const { sampled, headers } = namesOfService(names, service);
      return sampled === 0 ? undefined : (headers.find(({ name }) => name === header)?.share ?? 0);
    };
  }

  #takeShapes({ anew, fresh, ids, counts, lastUnixMs, timesMs }: FedCounts<SeenShape>): void {
    if (anew) {
      this.#kinds = [];
      this.#shapes = [];
    }
    for (const shape of fresh) {
      this.#shapes.push(shape);
    }
    for (const [index, id] of ids.entries()) {
      const shape = this.#shapes[id];
      if (shape !== undefined) {
        const kind = this.#kindOf(id, shape);
        this.#traffic.add(kind, counts[index] ?? 0, lastUnixMs[index] ?? 0, timesMs[index] ?? 0);
      }
    }
  }

  /** A kind that was given up for being rare comes back when it is seen again. */
  #kindOf(id: number, shape: SeenShape): number {
    let kind = this.#kinds[id] ?? noKind;
    if (kind === noKind) {
      kind = this.#traffic.kindOf(shape);
      this.#kinds[id] = kind;
    }
    return kind;
  }

  #takeNames({ anew, fresh, ids, counts, timesMs }: FedCounts<NameIdentity>): void {
    if (anew) {
      this.#told = [];
    }
    for (const identity of fresh) {
      this.#told.push(identity);
    }
    for (const [index, id] of ids.entries()) {
      const identity = this.#told[id];
      if (identity !== undefined) {
        this.#names.record(nameKey(identity), () => identity, { count: counts[index] ?? 0 }, timesMs[index] ?? 0);
      }
    }
  }
}
