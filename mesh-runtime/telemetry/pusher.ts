import { readFile } from "node:fs/promises";
import { encodeLogs, encodeMetrics, encodeTraces } from "../api/otlp-encode.ts";
import type { TelemetryBatch } from "../api/telemetry.ts";
import type { Running } from "../common/lifetime.ts";
import type { Log } from "../common/log.ts";
import { type CollectorClient, createCollectorClient } from "./collector-client.ts";
import type { Recorder } from "./recorder.ts";

export interface PusherOptions {
  /** Base of the collector, e.g. `http://127.0.0.1:3000`. */
  readonly endpoint: string;
  /** Bearer token, read at each push since it is renewed in place. */
  readonly tokenFile: string;
  readonly recorder: Recorder;
  readonly log: Log;
  readonly intervalMs?: number;
}

const backlogMax = 120;
/** Records of all kept batches together: what bounds the memory while the collector is away. */
const backlogRecordsMax = 40_000;
const timeoutMs = 5_000;
const refusalLogMs = 60_000;

interface Kept {
  readonly batch: TelemetryBatch;
  readonly unixMs: number;
  readonly records: number;
  /** Parts of the batch that were delivered. */
  delivered: number;
}

const parts: readonly { path: string; encode(kept: Kept): object | undefined }[] = [
  { path: "/v1/metrics", encode: ({ batch, unixMs }) => encodeMetrics(batch, unixMs) },
  { path: "/v1/logs", encode: ({ batch, unixMs }) => encodeLogs(batch, unixMs) },
  { path: "/v1/traces", encode: ({ batch }) => (batch.spans.length === 0 ? undefined : encodeTraces(batch)) },
];

/**
 * Pushes the recorder's deltas once a second by OTLP/HTTP. What could not be delivered is kept (two minutes of it at
 * the most) and sent again under the same batch name, so that a collector that was away misses nothing and counts
 * nothing twice.
 */
export function startPusher({ endpoint, tokenFile, recorder, log, intervalMs = 1_000 }: PusherOptions): Running {
  const backlog: Kept[] = [];
  const abort = new AbortController();
  let client: Promise<CollectorClient> | undefined;
  let failing = false;
  let refusalLoggedMs = 0;
  let running: Promise<void> = Promise.resolve();

  const post = async (path: string, body: object, token: string): Promise<void> => {
    client ??= createCollectorClient(endpoint, timeoutMs);
    const status = await (await client).post(path, JSON.stringify(body), token, abort.signal);
    if (status >= 200 && status < 300) {
      return;
    }
    // 4xx other than "who are you" and "slow down" will not get better by sending it again.
    if (status >= 500 || [401, 403, 408, 429].includes(status)) {
      throw new Error(`collector answered ${status}`);
    }
    if (Date.now() - refusalLoggedMs > refusalLogMs) {
      refusalLoggedMs = Date.now();
      log.warn("collector refused a batch", { status, path });
    }
  };

  const keep = (): void => {
    const batch = recorder.take();
    backlog.push({ batch, unixMs: Date.now(), records: recordsOf(batch), delivered: 0 });
    let records = backlog.reduce((sum, kept) => sum + kept.records, 0);
    while (backlog.length > backlogMax || (records > backlogRecordsMax && backlog.length > 1)) {
      records -= backlog.shift()?.records ?? 0;
    }
  };

  const push = async (): Promise<void> => {
    keep();
    try {
      const token = (await readFile(tokenFile, "utf8")).trim();
      for (let next = backlog[0]; next !== undefined; next = backlog[0]) {
        for (let part = parts[next.delivered]; part !== undefined; part = parts[next.delivered]) {
          const body = part.encode(next);
          if (body !== undefined) {
            await post(part.path, body, token);
          }
          next.delivered++;
        }
        backlog.shift();
      }
      if (failing) {
        failing = false;
        log.info("telemetry is delivered again");
      }
    } catch (error) {
      if (!failing && !abort.signal.aborted) {
        failing = true;
        log.warn("telemetry cannot be delivered; it is kept for two minutes", { error: String(error) });
      }
    }
  };

  const timer = setInterval(() => {
    running = running.then(push);
  }, intervalMs);
  return {
    close: async () => {
      clearInterval(timer);
      setTimeout(() => abort.abort(), 500).unref();
      await running.then(push);
      abort.abort();
      (await client)?.close();
    },
  };
}

const recordsOf = (batch: TelemetryBatch): number =>
  batch.requests.length +
  batch.connections.length +
  batch.denials.length +
  batch.shapes.length +
  batch.access.length +
  batch.secured.length +
  batch.clusters.length +
  batch.copies.length +
  batch.shadows.length +
  batch.names.length +
  batch.spans.length +
  1;
