import process from "node:process";
import type { Duplex } from "node:stream";

/** Pieces up to this size are joined with what goes before them; a copy costs less than another write. */
const joinedMax = 8 * 1024;
const heldMax = 32 * 1024;

/** Those that wait for the end of a reading. */
const gathering: Outgoing[] = [];
let readings = 0;

/**
 * Around the reading of bytes and what is made of its error: what it makes anybody write goes out with `readingEnded`.
 * Cheaper than a tick for every message, and what is cut for a malformed body in the same piece was never sent.
 */
export function readingBegins(): void {
  readings++;
}

export function readingEnded(): void {
  readings--;
  if (readings === 0 && gathering.length > 0) {
    for (const outgoing of gathering.splice(0)) {
      outgoing.turnOver();
    }
  }
}

/**
 * Gathers what one turn of the loop wants to send and writes it at once: an ordinary message is one write, head, body and
 * end together.
 */
export class Outgoing {
  readonly #stream: Duplex;
  /** Latin1 text: a byte a character. */
  #held = "";
  #scheduled = false;

  constructor(stream: Duplex) {
    this.#stream = stream;
  }

  text(text: string): void {
    this.#held += text;
    if (!this.#scheduled) {
      this.#scheduled = true;
      if (readings > 0) {
        gathering.push(this);
      } else {
        process.nextTick(flushLater, this);
      }
    }
  }

  /** False: wait for the stream's `drain`. */
  data(data: Buffer): boolean {
    if (data.length <= joinedMax) {
      this.text(data.toString("latin1"));
      if (this.#held.length > heldMax) {
        this.flush();
      }
    } else if (this.#held === "") {
      return this.#stream.write(data);
    } else {
      this.#stream.cork();
      this.flush();
      this.#stream.write(data);
      this.#stream.uncork();
    }
    return !this.#stream.writableNeedDrain;
  }

  /** A piece in the chunked coding. */
  chunk(data: Buffer): boolean {
    this.text(`${data.length.toString(16)}\r\n`);
    this.data(data);
    this.text("\r\n");
    return !this.#stream.writableNeedDrain;
  }

  flush(): void {
    if (this.#held !== "") {
      const text = this.#held;
      this.#held = "";
      if (this.#stream.writable) {
        this.#stream.write(text, "latin1");
      }
    }
  }

  /** The turn or the reading that wrote is over. */
  turnOver(): void {
    this.#scheduled = false;
    this.flush();
  }
}

/** One function for all: no closure per message. */
const flushLater = (outgoing: Outgoing): void => outgoing.turnOver();
