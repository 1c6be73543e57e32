/** What both sides of HTTP/2 say and bear. */
export const http2Wire = {
  settings: {
    /** Bytes a peer may send ahead on one stream: the most that a stalled stream pins. */
    initialWindowSize: 256 << 10,
    maxFrameSize: 64 << 10,
    maxHeaderListSize: 64 << 10,
    maxConcurrentStreams: 100,
  },
  /** Every stream's window at once, so that a slow stream never stalls its neighbours. */
  sessionWindowBytes: (256 << 10) * 100,
  /** node:http2's own bound on a session's memory, in MB; above the session's window, or slow readers would be cut. */
  sessionMemoryMb: 64,
  fieldsMax: 128,
} as const;
