import type { UpstreamCall } from "./pool/upstream-call.ts";

/** What of a request's body is kept at most so that it can be sent again. */
export const replayBytesMax = 64 * 1024;

/** The beginning of a request's body: what came before it could be sent, and what may have to be sent again. */
export class HeldBody {
  #pieces: Buffer[] = [];
  bytes = 0;
  /** Everything that has come is here. */
  complete = true;

  /** Keeps a piece that cannot be sent yet, whatever its size: the client is paused meanwhile. */
  hold(data: Buffer): void {
    this.#pieces.push(data);
    this.bytes += data.length;
  }

  /** Keeps a piece that was sent, as long as all of it is small. */
  keep(data: Buffer): void {
    if (!this.complete) {
      return;
    }
    if (this.bytes + data.length > replayBytesMax) {
      this.drop();
    } else {
      this.hold(data);
    }
  }

  /** Sends it. False: wait for the call's `onDrain`. */
  sendTo(call: UpstreamCall): boolean {
    let more = true;
    for (const data of this.#pieces) {
      more = call.write(data) && more;
    }
    return more;
  }

  /** After it was sent: too much to be kept for another time. */
  trim(): void {
    if (this.bytes > replayBytesMax) {
      this.drop();
    }
  }

  drop(): void {
    this.complete = this.complete && this.bytes === 0;
    this.#pieces = [];
    this.bytes = 0;
  }

  /** All of it, at most `maxBytes`. */
  head(maxBytes: number): Buffer {
    const all = Buffer.concat(this.#pieces);
    return all.length > maxBytes ? all.subarray(0, maxBytes) : all;
  }
}
