import { readdirSync, readFileSync } from "node:fs";

/** A process as the kernel knows it (proc_pid_stat(5)). */
export interface ProcessFacts {
  readonly pid: number;
  /** One letter: R, S, D, Z (zombie)… */
  readonly state: string;
  readonly processGroup: number;
  readonly session: number;
  /** Field 22, in clock ticks since boot: together with the pid it names a process for ever. */
  readonly startTime: string;
}

/** Reads one process; undefined when there is none. */
export function readProcess(pid: number): ProcessFacts | undefined {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, "latin1");
  } catch {
    return undefined;
  }
  // The command name stands in parentheses and may itself contain spaces and parentheses.
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  const [state, , processGroup, session] = fields;
  const startTime = fields[19];
  if (state === undefined || startTime === undefined) {
    return undefined;
  }
  return { pid, state, processGroup: Number(processGroup), session: Number(session), startTime };
}

/** True while this very process (not a later one with the same pid) runs. A zombie does not run. */
export function isAlive(pid: number, startTime: string): boolean {
  const facts = readProcess(pid);
  return facts !== undefined && facts.startTime === startTime && facts.state !== "Z" && facts.state !== "X";
}

/** Every living process of a session, leader included. */
export function sessionMembers(session: number): ProcessFacts[] {
  const members: ProcessFacts[] = [];
  for (const name of readdirSync("/proc")) {
    const pid = Number(name);
    if (Number.isInteger(pid)) {
      const facts = readProcess(pid);
      if (facts?.session === session && facts.state !== "Z" && facts.state !== "X") {
        members.push(facts);
      }
    }
  }
  return members;
}

/** Session leaders whose environment says that their HOME is below a directory, with that HOME. */
export function sessionLeadersAtHome(directory: string): { readonly home: string; readonly leader: ProcessFacts }[] {
  return readdirSync("/proc").flatMap((name) => {
    const leader = /^\d+$/.test(name) ? readProcess(Number(name)) : undefined;
    if (leader === undefined || leader.session !== leader.pid) {
      return [];
    }
    try {
      const home = readFileSync(`/proc/${name}/environ`, "utf8")
        .split("\0")
        .find((variable) => variable.startsWith(`HOME=${directory}/`));
      return home === undefined ? [] : [{ home: home.slice("HOME=".length), leader }];
    } catch {
      return []; // Ended, or somebody else's.
    }
  });
}

/** Sends a signal; a process that has gone is no error. */
export function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // ESRCH: it ended by itself.
  }
}
