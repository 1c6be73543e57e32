/** Sizes in bytes. */
export interface Http1Limits {
  /** Request line, without its line end. */
  readonly line: number;
  /** Whole head. */
  readonly head: number;
  readonly fieldCount: number;
  /** Body of one message, decoded. */
  readonly body: number;
  /** Extensions of one chunk. */
  readonly chunkExtension: number;
  /** Extensions of all chunks of one message together. */
  readonly chunkExtensions: number;
  readonly trailers: number;
  readonly trailerCount: number;
}

export const http1Limits: Http1Limits = {
  line: 16 * 1024,
  head: 64 * 1024,
  fieldCount: 100,
  body: Number.MAX_SAFE_INTEGER,
  chunkExtension: 256,
  chunkExtensions: 16 * 1024,
  trailers: 8 * 1024,
  trailerCount: 32,
};
