import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import type { Socket } from "node:net";
import type { ZdsPod } from "../zds/protocol.ts";
import { SocketTable } from "./socket-table.ts";

/** A pod's process sessions, as the node runner named them. */
export type PodSessions = ZdsPod["sessions"];

/** Finds out whether the other end of a local connection is a process of a pod. */
export interface Attestor {
  /**
   * Inode of the client's socket; undefined when no local process has one. One look at the kernel's table serves all
   * callers that wait for it.
   */
  inodeOf(
    connection: Pick<Socket, "remoteAddress" | "remotePort" | "localAddress" | "localPort">,
  ): Promise<string | undefined>;
  /** True when a process of one of the sessions holds the socket. */
  holds(sessions: PodSessions, inode: string): boolean;
}

/** Attestation by `/proc`. */
export function createAttestor(): Attestor {
  const table = new SocketTable();
  return {
    inodeOf: ({ remoteAddress = "", remotePort = 0, localAddress = "", localPort = 0 }) =>
      table.inode({ address: remoteAddress, port: remotePort }, { address: localAddress, port: localPort }),
    holds: (sessions, inode) => {
      const wanted = `socket:[${inode}]`;
      const leaders = sessions.filter(({ pid, startTime }) => processOf(pid)?.startTime === startTime);
      // Most often the session's first process is the caller; only then all processes are looked through.
      if (leaders.some(({ pid }) => holdsDescriptor(pid, wanted))) {
        return true;
      }
      const alive = new Set(leaders.map(({ pid }) => pid));
      return alive.size > 0 && membersOf(alive).some((pid) => holdsDescriptor(pid, wanted));
    },
  };
}

/** Session and start time from `/proc/<pid>/stat` (fields 6 and 22 of proc_pid_stat(5)). */
export function processOf(pid: number): { readonly session: number; readonly startTime: string } | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    // The name, field 2, may hold spaces and parentheses; what follows its last parenthesis is regular.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const [session, startTime] = [fields[3], fields[19]];
    return session === undefined || startTime === undefined ? undefined : { session: Number(session), startTime };
  } catch {
    return undefined;
  }
}

function membersOf(sessions: ReadonlySet<number>): number[] {
  return readdirSync("/proc")
    .map(Number)
    .filter((pid) => Number.isInteger(pid) && !sessions.has(pid))
    .filter((pid) => sessions.has(processOf(pid)?.session ?? 0));
}

function holdsDescriptor(pid: number, wanted: string): boolean {
  const folder = `/proc/${pid}/fd`;
  let descriptors: string[];
  try {
    descriptors = readdirSync(folder);
  } catch {
    return false;
  }
  // A fresh connection is most often among the newest descriptors.
  return descriptors.reverse().some((descriptor) => {
    try {
      return readlinkSync(`${folder}/${descriptor}`) === wanted;
    } catch {
      return false;
    }
  });
}
