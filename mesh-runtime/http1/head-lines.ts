import { CR, LF } from "./characters.ts";
import { Http1Error } from "./http1-error.ts";

/** Where the lines of a head or trailer section are: start and end (without CRLF) of each, alternating. */
export interface Lines {
  readonly bytes: Buffer;
  readonly bounds: readonly number[];
  /** Just after the empty line. */
  readonly end: number;
}

export interface LineLimits {
  /** First line, 0 for no limit of its own. */
  readonly line: number;
  readonly total: number;
  readonly count: number;
}

/**
 * Gathers the lines of a head until its empty line, over any number of chunks. A head that comes in one chunk is not
 * copied. Every limit is checked line by line, so the verdict does not depend on how the bytes were split.
 */
export class HeadLines {
  readonly #limits: LineLimits;
  /** Bytes of earlier chunks; the first `#length` of them count. */
  #held: Buffer | undefined;
  #length = 0;
  #scanned = 0;
  #lineStart = 0;
  #bounds: number[] = [];
  /** One empty line before a message is ignored (RFC 9112 §2.2); then the message starts at 2. */
  #skipped = false;
  readonly #mayStartEmpty: boolean;

  constructor(limits: LineLimits, { mayStartEmpty }: { mayStartEmpty: boolean }) {
    this.#limits = limits;
    this.#mayStartEmpty = mayStartEmpty;
  }

  /** Whether bytes of an unfinished head are held. */
  get started(): boolean {
    return this.#length > 0;
  }

  /** Bytes of an unfinished head. */
  get length(): number {
    return this.#length;
  }

  /** Forgets what it holds. */
  reset(): void {
    this.#held = undefined;
    this.#length = 0;
    this.#scanned = 0;
    this.#lineStart = 0;
    this.#bounds = [];
    this.#skipped = false;
  }

  /**
   * Takes a chunk. Returns the lines and what is left of the chunk once the empty line came; `undefined` until then.
   * @throws Http1Error
   */
  push(chunk: Buffer): { lines: Lines; rest: Buffer } | undefined {
    const before = this.#length;
    const bytes = before === 0 ? chunk : this.#append(chunk);
    const end = this.#scan(bytes);
    if (end === -1) {
      if (before === 0) {
        this.#append(chunk);
      }
      return undefined;
    }
    const lines = { bytes, bounds: this.#bounds, end };
    const rest = end - before === chunk.length ? nothing : chunk.subarray(end - before);
    this.reset();
    return { lines, rest };
  }

  #append(chunk: Buffer): Buffer {
    const length = this.#length + chunk.length;
    if (this.#held === undefined || this.#held.length < length) {
      const grown = Buffer.allocUnsafe(Math.max(1024, 2 * length));
      this.#held?.copy(grown, 0, 0, this.#length);
      this.#held = grown;
    }
    chunk.copy(this.#held, this.#length);
    this.#length = length;
    return this.#held.subarray(0, length);
  }

  #scan(bytes: Buffer): number {
    for (;;) {
      const lf = bytes.indexOf(LF, this.#scanned);
      const reached = lf === -1 ? bytes.length : lf;
      this.#checkSizes(reached);
      if (lf === -1) {
        this.#scanned = bytes.length;
        return -1;
      }
      const lineEnd = lf - 1;
      if (lineEnd < this.#lineStart || bytes[lineEnd] !== CR) {
        throw new Http1Error("bare-line-end", "a line ends with LF alone");
      }
      this.#scanned = lf + 1;
      const empty = lineEnd === this.#lineStart;
      const first = this.#bounds.length === 0;
      if (empty && !(first && this.#mayStartEmpty)) {
        return lf + 1;
      }
      if (empty) {
        if (this.#skipped) {
          throw new Http1Error("request-line", "more than one empty line before the message");
        }
        this.#skipped = true;
      } else {
        this.#bounds.push(this.#lineStart, lineEnd);
        if (this.#bounds.length / 2 > this.#limits.count) {
          throw new Http1Error("too-many-fields", `more than ${this.#limits.count} lines`);
        }
      }
      this.#lineStart = lf + 1;
    }
  }

  #checkSizes(reached: number): void {
    const { line, total } = this.#limits;
    if (line > 0 && this.#bounds.length === 0 && reached - this.#lineStart > line + 1) {
      throw new Http1Error("target-too-long", `the request line is longer than ${line} bytes`);
    }
    if (reached > total) {
      throw new Http1Error("head-too-large", `the head is larger than ${total} bytes`);
    }
  }
}

const nothing = Buffer.alloc(0);
