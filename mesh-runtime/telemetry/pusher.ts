import { readFile } from "node:fs/promises";
import { encodeLogs, encodeMetrics } from "../api/otlp.ts";
import type { TelemetryBatch } from "../api/telemetry.ts";
import type { Running } from "../common/lifetime.ts";
import type { Log } from "../common/log.ts";
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
const timeoutMs = 5_000;

/**
 * Pushes the recorder's deltas once a second by OTLP/HTTP. What could not be delivered is kept (two minutes of it at
 * the most) and sent again under the same batch name, so that a collector that was away misses nothing and counts
 * nothing twice.
 */
export function startPusher({ endpoint, tokenFile, recorder, log, intervalMs = 1_000 }: PusherOptions): Running {
  const backlog: { batch: TelemetryBatch; unixMs: number; metricsSent: boolean }[] = [];
  const abort = new AbortController();
  let failing = false;
  let running: Promise<void> = Promise.resolve();

  const post = async (path: string, body: object, token: string): Promise<void> => {
    const response = await fetch(new URL(path, endpoint), {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
      body: JSON.stringify(body),
      signal: AbortSignal.any([abort.signal, AbortSignal.timeout(timeoutMs)]),
    });
    await response.arrayBuffer();
    // 4xx other than "who are you" and "slow down" will not get better by sending it again.
    if (!response.ok && (response.status >= 500 || [401, 403, 408, 429].includes(response.status))) {
      throw new Error(`collector answered ${response.status}`);
    }
    if (!response.ok) {
      log.warn("collector refused a batch", { status: response.status, path });
    }
  };

  const push = async (): Promise<void> => {
    backlog.push({ batch: recorder.take(), unixMs: Date.now(), metricsSent: false });
    if (backlog.length > backlogMax) {
      backlog.shift();
    }
    try {
      const token = (await readFile(tokenFile, "utf8")).trim();
      for (let next = backlog[0]; next !== undefined; next = backlog[0]) {
        if (!next.metricsSent) {
          await post("/v1/metrics", encodeMetrics(next.batch, next.unixMs), token);
          next.metricsSent = true;
        }
        await post("/v1/logs", encodeLogs(next.batch, next.unixMs), token);
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
    },
  };
}
