import { write } from "node:fs";

/** Text that waits to be written; more is dropped and counted. */
const waitingMax = 1 << 20;

/**
 * Writes lines to a descriptor (the pod's log) without ever waiting for it: one write is under way at a time, in the
 * thread pool; a reader that is slower than the callers loses lines, not requests.
 */
export class AccessLog {
  readonly #descriptor: number;
  #lines: string[] = [];
  #waiting = 0;
  #writing = false;
  #scheduled = false;
  #idle: (() => void)[] = [];
  dropped = 0;

  constructor(descriptor: number) {
    this.#descriptor = descriptor;
  }

  add(line: string): void {
    if (this.#waiting + line.length > waitingMax) {
      this.dropped++;
      return;
    }
    this.#lines.push(line);
    this.#waiting += line.length;
    if (!this.#scheduled && !this.#writing) {
      // Lines of the same turn become one write.
      this.#scheduled = true;
      setImmediate(() => this.#flush());
    }
  }

  /** Resolves when everything that was added is written or lost. */
  flushed(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#idle.push(resolve);
    this.#flush();
    return promise;
  }

  #flush(): void {
    this.#scheduled = false;
    if (this.#writing) {
      return;
    }
    if (this.#lines.length === 0) {
      for (const resolve of this.#idle.splice(0)) {
        resolve();
      }
      return;
    }
    const data = Buffer.from(this.#lines.join(""));
    this.#lines = [];
    this.#waiting = 0;
    this.#writing = true;
    this.#write(data);
  }

  #write(data: Buffer): void {
    write(this.#descriptor, data, (error, written) => {
      if (error === null && written < data.length) {
        this.#write(data.subarray(written));
        return;
      }
      this.#writing = false;
      this.#flush();
    });
  }
}
