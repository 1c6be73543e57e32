import { type FileHandle, open } from "node:fs/promises";
import { isIPv4 } from "node:net";

/** One end of a TCP connection. */
export interface Endpoint {
  /** IPv4 text, also as IPv4 written in IPv6. */
  readonly address: string;
  readonly port: number;
}

interface Question {
  /** As the kernel writes it: `<local> <remote> ` in hexadecimal. */
  readonly needles: readonly [file: "/proc/net/tcp" | "/proc/net/tcp6", needle: Buffer][];
  answer(inode: string | undefined): void;
}

/**
 * The kernel's table of TCP sockets (`/proc/net/tcp`, proc_pid_net(5)). Reading it costs about a millisecond however
 * few sockets there are, so questions are collected and one reading answers them all.
 */
export class SocketTable {
  #questions: Question[] = [];
  #reading = false;

  /** Inode of the socket with these two ends, seen from its owner. */
  inode(own: Endpoint, peer: Endpoint): Promise<string | undefined> {
    const { promise, resolve } = Promise.withResolvers<string | undefined>();
    const [a, b] = [v4(own.address), v4(peer.address)];
    if (a === undefined || b === undefined) {
      return Promise.resolve(undefined);
    }
    const row = (prefix: string): Buffer =>
      Buffer.from(` ${prefix}${a}:${hex(own.port, 4)} ${prefix}${b}:${hex(peer.port, 4)} `);
    this.#questions.push({
      // A client may have a socket for both families (Java does), which the kernel lists in the second file.
      needles: [
        ["/proc/net/tcp", row("")],
        ["/proc/net/tcp6", row("0000000000000000FFFF0000")],
      ],
      answer: resolve,
    });
    if (!this.#reading) {
      this.#reading = true;
      setImmediate(() => void this.#read());
    }
    return promise;
  }

  async #read(): Promise<void> {
    while (this.#questions.length > 0) {
      let pending = this.#questions;
      this.#questions = [];
      for (const file of ["/proc/net/tcp", "/proc/net/tcp6"] as const) {
        if (pending.length > 0) {
          pending = await scan(file, pending);
        }
      }
      for (const question of pending) {
        question.answer(undefined);
      }
    }
    this.#reading = false;
  }
}

const chunkBytes = 64 << 10;
/** Longest row of either file, with room. */
const rowBytesMax = 512;

/** Answers the questions that the file can answer; returns the others. */
async function scan(file: "/proc/net/tcp" | "/proc/net/tcp6", questions: Question[]): Promise<Question[]> {
  let pending = questions;
  const buffer = Buffer.allocUnsafe(rowBytesMax + chunkBytes);
  let held = 0;
  let handle: FileHandle | undefined;
  try {
    handle = await open(file);
    for (;;) {
      const { bytesRead } = await handle.read(buffer, held, chunkBytes);
      if (bytesRead === 0 || pending.length === 0) {
        return pending;
      }
      const filled = buffer.subarray(0, held + bytesRead);
      pending = pending.filter((question) => {
        const needle = question.needles.find(([where]) => where === file)?.[1];
        const inode = needle === undefined ? undefined : inodeIn(filled, needle);
        if (inode !== undefined) {
          question.answer(inode);
        }
        return inode === undefined;
      });
      // A row may be cut by the end of a chunk: keep the last, unfinished one.
      const rest = Math.max(filled.lastIndexOf(0x0a) + 1, filled.length - rowBytesMax);
      held = filled.copy(buffer, 0, rest);
    }
  } catch {
    return pending;
  } finally {
    await handle?.close();
  }
}

/** Column 10 of the row that holds the needle, when the row is complete. */
function inodeIn(rows: Buffer, needle: Buffer): string | undefined {
  const at = rows.indexOf(needle);
  const end = at === -1 ? -1 : rows.indexOf(0x0a, at);
  if (end === -1) {
    return undefined;
  }
  // After both addresses: state, queues, timer, retransmits, uid, timeout, inode.
  const inode = rows
    .toString("latin1", at + needle.length, end)
    .trim()
    .split(/ +/)[6];
  return inode === undefined || inode === "0" ? undefined : inode;
}

const hex = (value: number, digits: number): string => value.toString(16).toUpperCase().padStart(digits, "0");

/** The kernel prints an address as one 32-bit number of the host's byte order. */
function v4(address: string): string | undefined {
  const text = address.startsWith("::ffff:") ? address.slice("::ffff:".length) : address;
  return isIPv4(text)
    ? text
        .split(".")
        .reverse()
        .map((octet) => hex(Number(octet), 2))
        .join("")
    : undefined;
}
