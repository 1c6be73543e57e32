import { readdirSync, readFileSync } from "node:fs";

/** CPU time of a process's living threads so far in microseconds, user and system, to the nanosecond. Linux. */
export function cpuMicroseconds(pid: number): number {
  let nanoseconds = 0;
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    const [onCpu] = readFileSync(`/proc/${pid}/task/${thread}/schedstat`, "latin1").split(" ");
    nanoseconds += Number(onCpu);
  }
  return nanoseconds / 1_000;
}

const rollupMiB = (pid: number, field: "Rss" | "Pss" | "Anonymous"): number => {
  const match = new RegExp(`^${field}:\\s+(\\d+) kB`, "m").exec(readFileSync(`/proc/${pid}/smaps_rollup`, "latin1"));
  return Math.round(Number(match?.[1] ?? 0) / 1024);
};

/** Resident memory in MiB. */
export const residentMiB = (pid: number): number => rollupMiB(pid, "Rss");

/** Resident memory with pages that several processes share divided among them, in MiB. */
export const proportionalMiB = (pid: number): number => rollupMiB(pid, "Pss");
