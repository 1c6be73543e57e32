/**
 * Flow control of both sides. The session's window holds every stream's window at once, so that a slow reader never
 * holds up its neighbours on the connection; what one connection can make us buffer is bounded by it.
 */
export const flowControl = {
  /** Bytes a peer may send ahead on one stream: ample on a local network, and the most a stalled stream pins. */
  streamWindowBytes: 256 << 10,
  /** Streams on one connection; a client opens another connection beyond it. ztunnel's pool uses the same number. */
  streamsMax: 100,
  /** Fewer, fuller frames (RFC 9113 §4.2 allows 16 KiB to 16 MiB). */
  frameBytesMax: 64 << 10,
  /** Session window: `streamWindowBytes` × `streamsMax`. */
  sessionWindowBytes: (256 << 10) * 100,
  /** node:http2's own bound on a session's memory, in MB; above the session window, or slow readers would be cut. */
  sessionMemoryMb: 64,
  /** A CONNECT needs few headers. */
  headerBytesMax: 16 << 10,
} as const;
