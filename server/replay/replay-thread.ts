/**
 * Works out what changes would do to observed traffic in a thread of its own, so that a big preview keeps nobody else
 * waiting. The thread may die or hang: whoever asked gets an impact that is not known, with the reason, and the thread
 * is started again.
 */
import { Worker, type WorkerOptions } from "node:worker_threads";
import type { Impact } from "@/server/contracts/golden-paths.ts";
import { onlyEdge } from "@/server/impact/edge-names.ts";
import { unknownImpact } from "@/server/impact/unknown-impact.ts";
import type { ClusterObjects } from "@/server/inventory/cluster-objects.ts";
import type { Log } from "@/server/log.ts";
import type { TelemetryMemory } from "@/server/telemetry/memory.ts";
import { MemoryFeed } from "./memory-feed.ts";
import type { FromThread, Question, ThreadData, ToThread } from "./messages.ts";
import { ObjectsFeed } from "./objects-feed.ts";

const flushEveryMs = 1_000;
/** A thread that lived so long is started again at once. */
const steadyMs = 60_000;
const backOffMaxMs = 30_000;

export interface ReplayLimits {
  /** Longest time from the question to the answer. */
  readonly answerMs: number;
  /** Questions at a time. */
  readonly questionsMax: number;
  /** Of the thread's heap; columns come on top and have limits of their own (`trafficLimits`). */
  readonly heapMb: number;
}

const usualLimits: ReplayLimits = { answerMs: 10_000, questionsMax: 16, heapMb: 1_024 };

export interface ReplayThreadOptions {
  readonly databaseUrl: string;
  readonly trustDomain: string;
  readonly telemetry: Pick<TelemetryMemory, "shapes" | "names">;
  readonly log: Log;
  readonly limits?: Partial<ReplayLimits>;
  readonly spawn?: (options: WorkerOptions) => Worker;
}

/** Why there is no answer, for whoever looks at the preview. */
const reasons = {
  busy: "many previews are being worked out right now. Look again in a few seconds.",
  time: "working it out took too long. Look again in a moment; a shorter window takes less.",
  stopped: "the part of the portal that works it out stopped and is being started again. Look again in a moment.",
  memory: "working it out needed more memory than it may have. A shorter window takes less.",
  database:
    "what was observed before this hour cannot be read from the database. Look at the last hour, or look again in a moment.",
  calculation: "working it out failed. The portal's log says why.",
} as const;

type Outcome = { readonly impact: Impact } | { readonly reason: keyof typeof reasons };

// The bundler finds the thread's file by exactly this expression: with other options than a literal it only copies it.
const spawnThread = ({ name, workerData, resourceLimits }: WorkerOptions): Worker =>
  new Worker(new URL("./worker.ts", import.meta.url), { name, workerData, resourceLimits });

/** One start of the thread. */
interface Life {
  readonly worker: Worker;
  readonly bornMs: number;
  readonly shapes: { flush(): void };
  readonly names: { flush(): void };
  readonly objects: ObjectsFeed;
  /** The thread was told what the memory holds. */
  readonly filled: Promise<unknown>;
  readonly pending: Map<number, (outcome: Outcome) => void>;
  /** Questions in whose time it said that it lives. */
  readonly alive: Set<number>;
}

export class ReplayThread {
  readonly #options: ReplayThreadOptions;
  readonly #limits: ReplayLimits;
  #life: Life | undefined;
  #asked = 0;
  #open = 0;
  #deaths = 0;
  #restart: NodeJS.Timeout | undefined;
  readonly #flushing: NodeJS.Timeout;
  #closed = false;

  constructor(options: ReplayThreadOptions) {
    this.#options = options;
    this.#limits = { ...usualLimits, ...options.limits };
    this.#flushing = setInterval(() => this.#flush(), flushEveryMs);
    this.#flushing.unref();
    this.#start();
  }

  /** Never rejects: what cannot be worked out is not known, and says why. */
  async assess(question: Question, objects: ClusterObjects): Promise<Impact> {
    const outcome = await this.#ask(question, objects);
    return "impact" in outcome
      ? outcome.impact
      : unknownImpact(question.windowSeconds, `What this would do to traffic is not known: ${reasons[outcome.reason]}`);
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#flushing);
    clearTimeout(this.#restart);
    await this.#life?.worker.terminate();
  }

  async #ask(question: Question, objects: ClusterObjects): Promise<Outcome> {
    const life = this.#life;
    if (life === undefined) {
      return { reason: "stopped" };
    }
    if (this.#open >= this.#limits.questionsMax) {
      return { reason: "busy" };
    }
    this.#open++;
    const id = this.#asked++;
    const { promise, resolve } = Promise.withResolvers<Outcome>();
    life.pending.set(id, resolve);
    const ping = setTimeout(() => send(life.worker, { kind: "ping", id }), this.#limits.answerMs / 2);
    const timer = setTimeout(() => this.#late(life, id), this.#limits.answerMs);
    this.#tell(life, id, question, objects).catch((error: unknown) => {
      this.#options.log.error("cannot ask the replay thread", { error: String(error) });
      resolve({ reason: "calculation" });
    });
    const outcome = await promise;
    clearTimeout(ping);
    clearTimeout(timer);
    life.alive.delete(id);
    life.pending.delete(id);
    this.#open--;
    return outcome;
  }

  async #tell(life: Life, id: number, question: Question, objects: ClusterObjects): Promise<void> {
    await Promise.all([life.filled, life.objects.tell(objects)]);
    life.shapes.flush();
    life.names.flush();
    send(life.worker, { kind: "question", id, question });
  }

  /** A thread that is busy is waited for by others; one that hangs cannot be asked to stop. */
  #late(life: Life, id: number): void {
    if (life.alive.has(id)) {
      this.#options.log.warn("the replay thread is too busy to answer in time", { waitedMs: this.#limits.answerMs });
      life.pending.get(id)?.({ reason: "time" });
      return;
    }
    this.#options.log.error("the replay thread does not answer and is ended", { waitedMs: this.#limits.answerMs });
    life.pending.get(id)?.({ reason: "time" });
    this.#ended(life, "stopped");
    void life.worker.terminate();
  }

  #start(): void {
    const { databaseUrl, trustDomain, telemetry, log, spawn = spawnThread } = this.#options;
    const data: ThreadData = { databaseUrl, trustDomain };
    const worker = spawn({
      name: "replay",
      workerData: data,
      resourceLimits: { maxOldGenerationSizeMb: this.#limits.heapMb, maxYoungGenerationSizeMb: 64 },
    });
    worker.unref();
    const shapes = new MemoryFeed(telemetry.shapes, {
      describe: ({ labels, destinationPort, method, path }) => ({
        labels: onlyEdge(labels),
        destinationPort,
        method,
        path,
      }),
      send: (fed, transfer) => send(worker, { kind: "shapes", fed }, transfer),
    });
    const names = new MemoryFeed(telemetry.names, {
      describe: (identity) => identity,
      send: (fed, transfer) => send(worker, { kind: "names", fed }, transfer),
    });
    const nowMs = Date.now();
    const life: Life = {
      worker,
      bornMs: nowMs,
      shapes,
      names,
      objects: new ObjectsFeed((fed) => send(worker, { kind: "objects", fed })),
      filled: Promise.all([shapes.fill(nowMs), names.fill(nowMs)]),
      pending: new Map(),
      alive: new Set(),
    };
    life.filled.catch((error: unknown) => {
      log.error("cannot tell the replay thread what was observed", { error: String(error) });
      void worker.terminate();
    });
    let reason: keyof typeof reasons = "stopped";
    worker.on("message", (from: FromThread) => this.#answered(life, from));
    worker.on("error", (error: Error & { readonly code?: string }) => {
      reason = error.code === "ERR_WORKER_OUT_OF_MEMORY" ? "memory" : "stopped";
      log.error("the replay thread failed", { error: error.stack ?? String(error) });
    });
    worker.on("exit", () => this.#ended(life, reason));
    this.#life = life;
  }

  #answered(life: Life, from: FromThread): void {
    if ("pong" in from) {
      life.alive.add(from.pong);
      return;
    }
    if ("problem" in from) {
      this.#options.log.error("the replay thread cannot answer", { problem: from.problem, message: from.message });
    }
    life.pending.get(from.id)?.("impact" in from ? { impact: from.impact } : { reason: from.problem });
  }

  #ended(life: Life, reason: keyof typeof reasons): void {
    if (this.#life !== life) {
      return;
    }
    this.#life = undefined;
    for (const resolve of life.pending.values()) {
      resolve({ reason });
    }
    if (this.#closed) {
      return;
    }
    this.#deaths = Date.now() - life.bornMs > steadyMs ? 0 : this.#deaths + 1;
    const waitMs = this.#deaths < 2 ? 0 : Math.min(backOffMaxMs, 500 * 2 ** (this.#deaths - 2));
    this.#options.log.warn("the replay thread is started again", { inMs: waitMs });
    if (waitMs === 0) {
      this.#start();
    } else {
      this.#restart = setTimeout(() => this.#start(), waitMs);
    }
  }

  #flush(): void {
    this.#life?.shapes.flush();
    this.#life?.names.flush();
  }
}

function send(worker: Worker, message: ToThread, transfer: ArrayBuffer[] = []): void {
  worker.postMessage(message, transfer);
}
