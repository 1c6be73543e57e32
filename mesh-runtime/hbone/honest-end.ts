import type { Http2Stream } from "node:http2";
import { Readable } from "node:stream";

/**
 * Makes `end` mean that the peer ended the stream (END_STREAM). node:http2 also ends the readable side of a stream
 * that was reset or lost its connection, so a cut answer would look complete; such a stream now closes without `end`.
 */
export function honestEnd<S extends Http2Stream>(stream: S): S {
  stream.push = pushHonestly;
  return stream;
}

/** One function for all streams: with one each, none of them would look alike to the compiler. */
function pushHonestly(this: Http2Stream, chunk: unknown, encoding?: BufferEncoding): boolean {
  return chunk === null && (this.aborted || (this.rstCode ?? 0) !== 0)
    ? false
    : Readable.prototype.push.call(this, chunk, encoding);
}
