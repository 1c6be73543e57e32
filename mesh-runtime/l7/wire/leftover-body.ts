import type { RequestHead } from "../../http1/index.ts";

/** Body bytes that are thrown away after an early answer to keep the connection. */
export const discardMax = 64 * 1024;

/** A body that may be read to its end for the sake of the connection. */
export const isShort = (request: RequestHead | undefined): boolean =>
  request !== undefined &&
  (request.framing.kind === "none" || (request.framing.kind === "length" && request.framing.length <= discardMax));
