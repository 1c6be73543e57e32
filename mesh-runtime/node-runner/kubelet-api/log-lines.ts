/** A moment at which a log had grown to `offset` bytes. */
export interface LogMoment {
  readonly offset: number;
  readonly unixMs: number;
}

/** Parses the `.times` file of a log. */
export function parseMoments(text: string): LogMoment[] {
  const moments: LogMoment[] = [];
  for (const line of text.split("\n")) {
    const [offset, unixMs] = line.split(" ").map(Number);
    if (offset !== undefined && unixMs !== undefined && line !== "" && offset >= 0 && unixMs > 0) {
      moments.push({ offset, unixMs });
    }
  }
  return moments;
}

/** When the line that begins at `offset` was written, to a second: the first moment at which the log was longer. */
export function lineTime(moments: readonly LogMoment[], offset: number, fallbackMs: number): number {
  let low = 0;
  let high = moments.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((moments[middle]?.offset ?? 0) > offset) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return moments[low]?.unixMs ?? fallbackMs;
}

/** A piece of a log with the moments that belong to it. */
export interface LogPiece {
  readonly bytes: Buffer;
  readonly moments: readonly LogMoment[];
  /** Time of what no moment covers. */
  readonly fallbackMs: number;
}

export interface LogSelection {
  readonly tailLines?: number | undefined;
  readonly sinceMs?: number | undefined;
  readonly timestamps: boolean;
}

/** The selected lines of the pieces, oldest first, with timestamps when asked. */
export function selectLines(pieces: readonly LogPiece[], selection: LogSelection): Buffer {
  const lines: Buffer[] = [];
  for (const { bytes, moments, fallbackMs } of pieces) {
    let start = 0;
    while (start < bytes.length) {
      const newline = bytes.indexOf(10, start);
      const end = newline === -1 ? bytes.length : newline + 1;
      const unixMs = selection.timestamps || selection.sinceMs !== undefined ? lineTime(moments, start, fallbackMs) : 0;
      if (selection.sinceMs === undefined || unixMs >= selection.sinceMs) {
        const line = bytes.subarray(start, end);
        lines.push(selection.timestamps ? Buffer.concat([stamp(unixMs), line]) : line);
      }
      start = end;
    }
  }
  const { tailLines } = selection;
  return Buffer.concat(tailLines === undefined ? lines : tailLines === 0 ? [] : lines.slice(-tailLines));
}

/** `2026-01-02T03:04:05.678000000Z `, as the kubelet stamps. */
export const stamp = (unixMs: number): Buffer => Buffer.from(`${new Date(unixMs).toISOString().slice(0, -1)}000000Z `);
