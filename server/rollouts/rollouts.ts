import type { SignedIn } from "@/server/auth/signed-in.ts";
import { ChangeNotifier } from "@/server/changes/change-events.ts";
import type { Asker } from "@/server/changes/changes.ts";
import type { BundleDetails, BundleRequest } from "@/server/contracts/rollout-bundles.ts";
import type { RolloutReport } from "@/server/contracts/rollout-report.ts";
import type { RolloutSpec } from "@/server/contracts/rollout-spec.ts";
import {
  type ActionRequest,
  type ChainCheck,
  owningStates,
  type RolloutAction,
  type RolloutDetails,
  type RolloutList,
  type RolloutOptions,
  type RolloutPreview,
  type RolloutSeries,
  type RolloutSummary,
  type RolloutsQuery,
  type StartRequest,
} from "@/server/contracts/rollouts.ts";
import { PortalError } from "@/server/errors.ts";
import type { LiveInventory } from "@/server/inventory/live-inventory.ts";
import type { TelemetryMemory } from "@/server/telemetry/memory.ts";
import { mustMay, whyNotAct, whyNotStart } from "./access.ts";
import { Bundles } from "./bundles/bundles.ts";
import { CheckRate } from "./chain/check-rate.ts";
import { FirstLooks } from "./chain/first-look.ts";
import { command, findRelease } from "./commands.ts";
import { queuePlaceOf, toDetails, toReport, toSummary } from "./details.ts";
import type { DriverDeps } from "./driver/deps.ts";
import { Driver } from "./driver/driver.ts";
import type { RolloutsFacade } from "./facade.ts";
import { optionsOf } from "./options.ts";
import { seriesWithMarks } from "./series-marks.ts";
import { mustBeStartable, startRelease } from "./start.ts";
import { previewOf } from "./start-preview.ts";
import { keepHistories } from "./store/keep-histories.ts";
import { type RolloutRow, rolloutParts, specOf } from "./store/rows.ts";
import { transition } from "./store/transition.ts";
import { isReadable, tellUnreadable, unreadableSummary } from "./store/unreadable.ts";

export interface RolloutsDeps extends Omit<DriverDeps, "notifier"> {
  readonly inventory: Pick<LiveInventory, "current">;
  readonly telemetry: Pick<TelemetryMemory, "requests">;
  /** Image of a pod's first container; empty when it is not known. */
  imageOf(namespace: string, pod: string): string;
}

/** Of a report. */
const whole = { verdicts: 10_000, events: 10_000 };
const keepEveryMs = 10 * 60_000;

/** Releases: asked for, taken along, looked at. */
export class Rollouts implements RolloutsFacade {
  readonly #deps: RolloutsDeps & DriverDeps;
  readonly #driver: Driver;
  readonly #bundles: Bundles;
  readonly #firstLooks: FirstLooks;
  readonly #checkRate = new CheckRate();
  /** When rows of releases that ended long ago are looked at next. */
  #keepUnixMs = 0;
  readonly notifier = new ChangeNotifier();

  constructor(deps: RolloutsDeps) {
    this.#deps = { ...deps, notifier: this.notifier };
    this.#driver = new Driver(this.#deps);
    this.#bundles = new Bundles(this.#deps, this.#driver);
    this.#firstLooks = new FirstLooks(this.#deps);
  }

  async list(query: RolloutsQuery, _person: SignedIn): Promise<RolloutList> {
    const { namespace, service, state, active, before, limit } = query;
    const rows = await this.#deps.db.rollout.findMany({
      where: {
        ...(namespace === undefined ? {} : { namespace }),
        ...(service === undefined ? {} : { service }),
        ...(before === undefined ? {} : { number: { lt: before } }),
        AND: [
          state === undefined ? {} : { state },
          active === undefined
            ? {}
            : { state: active ? { in: ["queued", ...owningStates] } : { notIn: ["queued", ...owningStates] } },
        ],
      },
      include: rolloutParts,
      orderBy: { number: "desc" },
      take: limit + 1,
    });
    return {
      rollouts: await Promise.all(rows.slice(0, limit).map((row) => this.#summary(row))),
      more: rows.length > limit,
    };
  }

  /** One that another version of the portal wrote must not hide all others. */
  async #summary(row: RolloutRow): Promise<RolloutSummary> {
    try {
      return toSummary(row, await queuePlaceOf(row, this.#deps), this.#deps);
    } catch (error) {
      tellUnreadable(row, error, this.#deps.log);
      return unreadableSummary(row);
    }
  }

  async details(id: string, person: SignedIn): Promise<RolloutDetails> {
    return toDetails(await findRelease(this.#deps.db, id), person, this.#deps);
  }

  options(
    service: { readonly namespace?: string; readonly name?: string },
    _person: SignedIn,
  ): Promise<RolloutOptions> {
    return optionsOf(service, this.#deps.inventory.current, this.#deps.imageOf, this.#deps);
  }

  preview(spec: RolloutSpec, person: SignedIn): Promise<RolloutPreview> {
    return previewOf(spec, person.id, this.#deps);
  }

  async start(request: StartRequest, asker: Asker): Promise<RolloutDetails> {
    const { service } = request.spec;
    const object = `${service.namespace}/${service.name} ${request.spec.stable} → ${request.spec.canary}`;
    await mustMay(whyNotStart(asker.person), "rollout-start", object, asker, this.#deps);
    await mustBeStartable(request, asker.person, this.#deps);
    const id = await startRelease(request, asker, this.#deps);
    return this.details(id, asker.person);
  }

  async act(id: string, action: RolloutAction, request: ActionRequest, asker: Asker): Promise<RolloutDetails> {
    const shown = await command(id, action, request, asker, this.#driver, this.#deps);
    return this.details(shown, asker.person);
  }

  async series(id: string, seconds: number): Promise<RolloutSeries> {
    return seriesWithMarks(await findRelease(this.#deps.db, id), seconds, this.#deps);
  }

  async report(id: string, person: SignedIn): Promise<RolloutReport> {
    return toReport(await findRelease(this.#deps.db, id), person, this.#deps, whole);
  }

  async checkChain(id: string, asker: Asker): Promise<ChainCheck> {
    const row = await findRelease(this.#deps.db, id);
    const object = `release ${row.number}: the way of its header`;
    const why = whyNotAct(asker.person, { namespace: row.namespace, name: row.service }, row.startedById);
    await mustMay(why, "rollout-start", object, asker, this.#deps);
    if (!isReadable(row)) {
      throw new PortalError("not-in-this-state", `Release ${row.number} cannot be read.`);
    }
    const spec = specOf(row);
    this.#checkRate.take(asker.person.id, this.#deps.now());
    const chain = await this.#deps.ports.chain.check(spec);
    await transition(id, this.#deps, ({ machine }) => ({
      machine: { ...machine, chain },
      events: [],
      verdict: null,
      audit: null,
    }));
    return chain;
  }

  async startBundle(request: BundleRequest, asker: Asker): Promise<BundleDetails> {
    return this.bundle(await this.#bundles.start(request, asker), asker.person);
  }

  bundle(id: string, person: SignedIn): Promise<BundleDetails> {
    return this.#bundles.details(id, person);
  }

  bundles(person: SignedIn): Promise<BundleDetails[]> {
    return this.#bundles.list(person);
  }

  async abortBundle(id: string, reason: string, asker: Asker): Promise<BundleDetails> {
    await this.#bundles.abort(id, reason, asker);
    return this.bundle(id, asker.person);
  }

  subscribe(id: string, moved: () => void): () => void {
    return this.notifier.subscribe(id, moved);
  }

  /** This process leads from now on. */
  begin(): void {
    this.#driver.begin();
  }

  /** What the leading process does each second. */
  async tick(): Promise<void> {
    await this.#bundles.tick();
    await this.#driver.tick();
    await this.#firstLooks.tick();
    await this.#keepHistories();
  }

  async #keepHistories(): Promise<void> {
    const nowUnixMs = this.#deps.now();
    if (nowUnixMs >= this.#keepUnixMs) {
      this.#keepUnixMs = nowUnixMs + keepEveryMs;
      await this.#driver.errand("histories", async () => void (await keepHistories(nowUnixMs, this.#deps)));
    }
  }

  /** Waits for what is under way in this process. */
  async settled(): Promise<void> {
    await this.#driver.settled();
    await this.#firstLooks.settled();
  }
}
