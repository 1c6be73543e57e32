import type { ServerResponse } from "node:http";
import type { Status } from "../../api/status.ts";
import { ApiError } from "../api-error.ts";

/** `299 - "text"` as RFC 7234 §5.5 wants it: no control characters, quotes escaped. */
function warningValue(text: string): string {
  const clean = text.replace(/[^\x20-\x7e]+/g, " ").slice(0, 4_000);
  return `299 - "${clean.replace(/["\\]/g, "\\$&")}"`;
}

export interface Answer {
  readonly code: number;
  /** JSON text. */
  readonly body: string;
  readonly contentType?: string;
  readonly warnings?: readonly string[];
  readonly headers?: Readonly<Record<string, string>>;
}

const warningsMax = 20;

/** Sends one complete answer; nothing happens when the client has gone. */
export function respond(response: ServerResponse, { code, body, contentType, warnings = [], headers }: Answer): void {
  if (response.headersSent || response.destroyed) {
    return;
  }
  const distinct = [...new Set(warnings)].slice(0, warningsMax);
  if (distinct.length > 0) {
    response.setHeader("warning", distinct.map(warningValue));
  }
  response.writeHead(code, {
    ...headers,
    "content-type": contentType ?? "application/json",
    "content-length": Buffer.byteLength(body),
    "cache-control": "no-cache, private",
  });
  response.end(body);
}

const statusAnswer = (status: Status, warnings: readonly string[] = []): Answer => ({
  code: status.code,
  body: JSON.stringify(status),
  warnings,
});

/** The answer to a failed request; undefined when the error is a bug that the client learns nothing about. */
export function errorAnswer(error: unknown, warnings: readonly string[]): Answer | undefined {
  return error instanceof ApiError ? { ...statusAnswer(error.status, warnings), headers: error.headers } : undefined;
}
