import {
  closeSync,
  constants,
  copyFileSync,
  existsSync,
  ftruncateSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
} from "node:fs";
import { appendFile } from "node:fs/promises";
import { join } from "node:path";

/** Where one container's output is. The process writes to `current` by itself, through an inherited descriptor. */
export interface LogFiles {
  readonly current: string;
  /** What was cut off `current` when it grew too long. */
  readonly rotated: string;
  /** The whole output of the container's previous run. */
  readonly previous: string;
}

/** The file of the moments: lines `<offset> <unix ms>`, when `log` had grown to that many bytes. */
export const timesOf = (log: string): string => `${log}.times`;

export const logFiles = (podDirectory: string, container: string): LogFiles => {
  const base = join(podDirectory, "logs", container);
  return { current: `${base}.log`, rotated: `${base}.1.log`, previous: `${base}.previous.log` };
};

/** Bytes of one log file before it is rotated, as the kubelet's containerLogMaxSize. */
export const logBytesMax = 10 << 20;

/**
 * Opens the log for a new run; the last run's log becomes `previous`. The descriptor appends, so that after a rotation
 * (which truncates) the next write begins at 0.
 */
export function openLog(files: LogFiles): number {
  moveLog(files.current, files.previous);
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND | constants.O_TRUNC;
  rmSync(files.rotated, { force: true });
  rmSync(timesOf(files.rotated), { force: true });
  return openSync(files.current, flags, 0o600);
}

/**
 * Follows the size of one log: notes when it grew and rotates it when it is too long. Rotation copies and truncates,
 * because the writing process keeps its descriptor; what it writes in that instant may be lost.
 */
export function createLogKeeper(files: LogFiles, bytesMax: number = logBytesMax): { tick(now: Date): Promise<void> } {
  let noted = sizeOf(files.current);
  return {
    async tick(now) {
      const size = sizeOf(files.current);
      if (size > bytesMax) {
        copyFileSync(files.current, files.rotated);
        moveTimes(files.current, files.rotated);
        const descriptor = openSync(files.current, "r+");
        ftruncateSync(descriptor, 0);
        closeSync(descriptor);
        noted = 0;
      } else if (size !== noted) {
        noted = size;
        await appendFile(timesOf(files.current), `${size} ${now.getTime()}\n`, { mode: 0o600 });
      }
    },
  };
}

function moveLog(from: string, to: string): void {
  if (existsSync(from)) {
    renameSync(from, to);
    moveTimes(from, to);
  }
}

function moveTimes(from: string, to: string): void {
  rmSync(timesOf(to), { force: true });
  if (existsSync(timesOf(from))) {
    renameSync(timesOf(from), timesOf(to));
  }
}

/** Size in bytes, 0 when the file is not there. */
export function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
