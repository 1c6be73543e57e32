import type { Http2Stream } from "node:http2";

/**
 * Makes `end` mean that the peer ended the stream (END_STREAM). node:http2 also ends the readable side of a stream
 * that was reset or lost its connection, so a cut answer would look complete; such a stream now closes without `end`.
 */
export function honestEnd<S extends Http2Stream>(stream: S): S {
  const push = stream.push.bind(stream);
  stream.push = (chunk: unknown, encoding?: BufferEncoding): boolean =>
    chunk === null && (stream.aborted || (stream.rstCode ?? 0) !== 0) ? false : push(chunk, encoding);
  return stream;
}
