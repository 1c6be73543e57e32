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
  /**
   * True when a process of one of the sessions holds the socket. As with `inodeOf`, one look serves all who wait: a
   * flood of connections, ours or a stranger's, costs no more than a few.
   */
  holds(sessions: PodSessions, inode: string): Promise<boolean>;
}

interface Question {
  readonly sessions: PodSessions;
  readonly socket: string;
  answer(held: boolean): void;
}

/** Attestation by `/proc`. */
export function createAttestor(): Attestor {
  const table = new SocketTable();
  let questions: Question[] = [];
  let scheduled = false;
  let lastMs = 0;
  const look = (): void => {
    const startedMs = performance.now();
    const asked = questions;
    questions = [];
    scheduled = false;
    answerAll(asked);
    lastMs = performance.now() - startedMs;
  };
  return {
    inodeOf: ({ remoteAddress = "", remotePort = 0, localAddress = "", localPort = 0 }) =>
      table.inode({ address: remoteAddress, port: remotePort }, { address: localAddress, port: localPort }),
    holds: (sessions, inode) => {
      const { promise, resolve } = Promise.withResolvers<boolean>();
      questions.push({ sessions, socket: `socket:[${inode}]`, answer: resolve });
      if (!scheduled) {
        scheduled = true;
        // Never more than half of our time, whoever keeps asking.
        if (lastMs < 1) {
          setImmediate(look);
        } else {
          setTimeout(look, lastMs);
        }
      }
      return promise;
    },
  };
}

function answerAll(questions: readonly Question[]): void {
  let others: ReadonlyMap<number, readonly number[]> | undefined;
  for (const [sessions, asked] of Map.groupBy(questions, (question) => question.sessions)) {
    const leaders = sessions.filter(({ pid, startTime }) => processOf(pid)?.startTime === startTime);
    // Most often the session's first process is the caller; only then all processes are looked through.
    let open = withoutHeld(
      leaders.map(({ pid }) => pid),
      asked,
    );
    if (open.length > 0 && leaders.length > 0) {
      others ??= processesBySession();
      const members = others;
      open = withoutHeld(
        leaders.flatMap(({ pid }) => members.get(pid) ?? []),
        open,
      );
    }
    for (const question of open) {
      question.answer(false);
    }
  }
}

/** Answers those whose socket one of the processes holds; returns the others. */
function withoutHeld(pids: readonly number[], questions: readonly Question[]): Question[] {
  const open = Map.groupBy(questions, ({ socket }) => socket);
  for (const pid of pids) {
    for (const socket of open.size === 0 ? [] : descriptorsOf(pid)) {
      for (const question of open.get(socket) ?? []) {
        question.answer(true);
      }
      open.delete(socket);
      if (open.size === 0) {
        break;
      }
    }
  }
  return [...open.values()].flat();
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

/** All processes but the sessions' leaders, by session. */
function processesBySession(): ReadonlyMap<number, readonly number[]> {
  const found = new Map<number, number[]>();
  for (const pid of readdirSync("/proc").map(Number).filter(Number.isInteger)) {
    const session = processOf(pid)?.session;
    if (session !== undefined && session !== pid) {
      found.set(session, [...(found.get(session) ?? []), pid]);
    }
  }
  return found;
}

/** What a process's descriptors are, the newest first: a fresh connection is most often among these. */
function* descriptorsOf(pid: number): Generator<string> {
  const folder = `/proc/${pid}/fd`;
  let descriptors: string[];
  try {
    descriptors = readdirSync(folder);
  } catch {
    return;
  }
  for (const descriptor of descriptors.reverse()) {
    let target: string;
    try {
      target = readlinkSync(`${folder}/${descriptor}`);
    } catch {
      continue;
    }
    yield target;
  }
}
