import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { decodeLogs, decodeMetrics, decodeTraces, TelemetryFormatError } from "@/mesh-runtime/api/otlp.ts";
import type { TelemetryBatch } from "@/mesh-runtime/api/telemetry.ts";
import { PortalError } from "@/server/errors.ts";
import { readBytes } from "@/server/http/body.ts";
import type { Portal } from "@/server/portal.ts";
import type { PushPart } from "./memory.ts";
import { mayReportAs } from "./proxy-identity.ts";

/** Compressed or not; a busy proxy's second is a few hundred KiB. */
const bodyMax = 4 * 1024 * 1024;
const unpackedMax = 32 * 1024 * 1024;
const decoders: Readonly<Record<PushPart, (body: unknown) => readonly TelemetryBatch[]>> = {
  metrics: decodeMetrics,
  logs: decodeLogs,
  traces: decodeTraces,
};
const unzip = promisify(gunzip);

/**
 * Takes one OTLP/HTTP push (`/v1/metrics`, `/v1/logs`, `/v1/traces`). The bearer token says who the proxy is; what it reports as
 * somebody else is refused. Answers OTLP's empty success.
 */
export async function collect(portal: Portal, part: PushPart, request: Request): Promise<Response> {
  const token = /^Bearer (\S{1,8192})$/.exec(request.headers.get("authorization") ?? "")?.[1];
  if (token === undefined) {
    throw new PortalError("unauthenticated", "Telemetry needs a bearer token with the audience towpath-telemetry.");
  }
  const reporter = await portal.reporters.identify(token);
  const body = parse(await unpack(request));
  let batches: readonly TelemetryBatch[];
  try {
    batches = decoders[part](body);
  } catch (error) {
    if (error instanceof TelemetryFormatError) {
      throw new PortalError("invalid-input", `This is no telemetry that Towpath understands: ${error.message}`);
    }
    throw error;
  }
  const now = Date.now();
  const pushedUnixMs = pushTime(body) ?? now;
  for (const batch of batches) {
    if (!mayReportAs(reporter, batch)) {
      throw new PortalError("forbidden", `This token may not report as ${batch.proxy}.`);
    }
    portal.telemetry.take(part, batch, pushedUnixMs, now);
  }
  return new Response("{}", { headers: { "content-type": "application/json" } });
}

async function unpack(request: Request): Promise<Uint8Array> {
  const packed = await readBytes(request, bodyMax);
  const encoding = request.headers.get("content-encoding") ?? "identity";
  if (encoding === "identity") {
    return packed;
  }
  if (encoding !== "gzip") {
    throw new PortalError("invalid-input", `The encoding ${encoding} is not understood; send gzip or none.`);
  }
  return unzip(packed, { maxOutputLength: unpackedMax }).catch(() => {
    throw new PortalError("invalid-input", "The gzip body is damaged or unpacks to too much.");
  });
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString("utf8"));
  } catch (cause) {
    throw new PortalError("invalid-input", "The body is not JSON; only OTLP/HTTP in JSON is taken.", { cause });
  }
}

/**
 * When the push was made: proxies keep what they could not deliver, and it belongs into its own second. Milliseconds;
 * `undefined` when there is no time in it.
 */
export function pushTime(body: unknown): number | undefined {
  let found: unknown;
  const walk = (value: unknown, depth: number): void => {
    if (found !== undefined || depth > 12 || typeof value !== "object" || value === null) {
      return;
    }
    if (Array.isArray(value)) {
      walk(value[0], depth + 1);
      return;
    }
    const record = value as Record<string, unknown>;
    if (record["timeUnixNano"] !== undefined || record["endTimeUnixNano"] !== undefined) {
      found = record["timeUnixNano"] ?? record["endTimeUnixNano"];
      return;
    }
    for (const name of [
      "resourceMetrics",
      "scopeMetrics",
      "metrics",
      "sum",
      "histogram",
      "dataPoints",
      "resourceLogs",
      "scopeLogs",
      "logRecords",
      "resourceSpans",
      "scopeSpans",
      "spans",
    ]) {
      walk(record[name], depth + 1);
    }
  };
  walk(body, 0);
  const text = String(found ?? "");
  return /^\d{16,20}$/.test(text) ? Number(BigInt(text) / 1_000_000n) : undefined;
}
