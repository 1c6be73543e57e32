import { existsSync, readFileSync } from "node:fs";
import { open } from "node:fs/promises";
import type { ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { type LogFiles, timesOf } from "../log-file.ts";
import { type LogPiece, parseMoments, selectLines, stamp } from "./log-lines.ts";
import type { LogOptions } from "./log-options.ts";

const followPollMs = 150;

/** True when there is a log to read. */
export const hasLog = (files: LogFiles, previous: boolean): boolean =>
  existsSync(previous ? files.previous : files.current);

/**
 * Answers with a container's log; with `follow` goes on until the container ends or the reader leaves.
 * @param isRunning false once no more output can come
 */
export async function sendLog(
  response: ServerResponse,
  files: LogFiles,
  options: LogOptions,
  isRunning: () => boolean,
): Promise<void> {
  const gone = new AbortController();
  response.once("close", () => gone.abort());
  response.writeHead(200, { "content-type": "text/plain; charset=utf-8", "cache-control": "no-store" });
  const sinceMs =
    options.sinceTime !== undefined
      ? Date.parse(options.sinceTime)
      : options.sinceSeconds !== undefined
        ? Date.now() - options.sinceSeconds * 1000
        : undefined;
  let left = options.limitBytes ?? Number.POSITIVE_INFINITY;
  const write = async (bytes: Buffer): Promise<void> => {
    const part = bytes.subarray(0, Math.min(left, bytes.length));
    left -= part.length;
    if (part.length > 0 && !response.write(part) && !gone.signal.aborted) {
      await new Promise<void>((resolve) => {
        response.once("drain", resolve);
        response.once("close", resolve);
      });
    }
  };
  const paths = options.previous ? [files.previous] : [files.rotated, files.current];
  const pieces = paths.map(readPiece);
  await write(selectLines(pieces, { tailLines: options.tailLines, sinceMs, timestamps: options.timestamps }));
  if (options.follow && !options.previous) {
    response.flushHeaders();
    await follow(files, pieces.at(-1)?.bytes.length ?? 0, options.timestamps, isRunning, gone.signal, async (bytes) => {
      await write(bytes);
      return left > 0;
    });
  }
  response.end();
}

function readPiece(path: string): LogPiece {
  const read = (file: string): Buffer => (existsSync(file) ? readFileSync(file) : Buffer.alloc(0));
  const moments = parseMoments(read(timesOf(path)).toString("utf8"));
  return { bytes: read(path), moments, fallbackMs: Date.now() };
}

async function follow(
  files: LogFiles,
  from: number,
  timestamps: boolean,
  isRunning: () => boolean,
  signal: AbortSignal,
  write: (bytes: Buffer) => Promise<boolean>,
): Promise<void> {
  // The open file is this run's log, even when the container starts again and the name means the next one.
  const file = await open(files.current, "r").catch(() => undefined);
  let offset = from;
  let atLineStart = true;
  try {
    for (let ending = false; file !== undefined && !signal.aborted; ) {
      const { size } = await file.stat();
      offset = size < offset ? 0 : offset; // Rotated.
      if (size > offset) {
        const { buffer, bytesRead } = await file.read(
          Buffer.alloc(Math.min(size - offset, 1 << 16)),
          0,
          undefined,
          offset,
        );
        offset += bytesRead;
        const bytes = buffer.subarray(0, bytesRead);
        if (!(await write(timestamps ? stamped(bytes, atLineStart) : bytes))) {
          return;
        }
        atLineStart = bytes.at(-1) === 10;
        continue;
      }
      if (ending) {
        return;
      }
      // One more look after the end, for what was written last.
      ending = !isRunning();
      await sleep(followPollMs, undefined, { signal, ref: false }).catch(() => undefined);
    }
  } finally {
    await file?.close();
  }
}

function stamped(bytes: Buffer, atLineStart: boolean): Buffer {
  const now = stamp(Date.now()).toString();
  const text = bytes.toString("latin1");
  const lines = text.replace(/\n(?=[\s\S])/g, `\n${now}`);
  return Buffer.from(atLineStart ? now + lines : lines, "latin1");
}
