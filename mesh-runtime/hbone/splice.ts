import type { Http2Stream } from "node:http2";
import { Socket } from "node:net";
import type { Duplex } from "node:stream";

/** What a splice tells its owner. Bytes are counted as they are handed over. */
export interface SpliceObserver {
  /** From `left` to `right`. */
  onSent?(bytes: number): void;
  /** From `right` to `left`. */
  onReceived?(bytes: number): void;
  /** Once, when both ends are closed. `clean`: both directions ended in good order. */
  onClosed?(clean: boolean): void;
}

const isHttp2Stream = (stream: Duplex): stream is Duplex & Http2Stream => "rstCode" in stream;

/**
 * Breaks a stream so that its peer notices: TCP reset, or RST_STREAM (RFC 9113 §8.5). The stream emits `error`: have a
 * listener.
 */
export function abort(stream: Duplex): void {
  if (stream.destroyed) {
    return;
  }
  if (isHttp2Stream(stream)) {
    // `close(code)` of node:http2 sends END_STREAM before RST_STREAM, and a cut answer would look complete.
    stream.destroy(new Error("the other side of the tunnel broke"));
  } else if (stream instanceof Socket) {
    stream.resetAndDestroy();
  } else {
    stream.destroy();
  }
}

/**
 * Joins two streams. Back-pressure passes through; the end of one direction leaves the other open (half-close); a
 * break on one side breaks the other.
 */
export function splice(left: Duplex, right: Duplex, observer: SpliceObserver = {}): void {
  const outcome = { open: 2, clean: true };
  const closed = (clean: boolean): void => {
    outcome.clean &&= clean;
    outcome.open -= 1;
    if (outcome.open === 0) {
      observer.onClosed?.(outcome.clean);
    }
  };
  forward(left, right, (bytes) => observer.onSent?.(bytes), closed);
  forward(right, left, (bytes) => observer.onReceived?.(bytes), closed);
}

function forward(from: Duplex, to: Duplex, count: (bytes: number) => void, closed: (clean: boolean) => void): void {
  let ended = false;
  from.on("data", (chunk: Buffer) => {
    count(chunk.length);
    if (to.writable && !to.write(chunk)) {
      from.pause();
    }
  });
  to.on("drain", () => from.resume());
  const onEnd = (): void => {
    ended = true;
    if (to.writable) {
      to.end();
    }
  };
  // A socket's end is told even while it is paused, so it may have come before.
  if (from.readableEnded) {
    onEnd();
  } else {
    from.on("end", onEnd);
  }
  // Errors are followed by `close`; without a listener they would end the process.
  from.on("error", () => undefined);
  const onClose = (): void => {
    if (!ended) {
      abort(to);
    } else if (!to.writableEnded && !to.destroyed) {
      to.end();
    }
    closed(ended);
  };
  if (from.destroyed) {
    queueMicrotask(onClose);
  } else {
    from.once("close", onClose);
    from.resume();
  }
}
