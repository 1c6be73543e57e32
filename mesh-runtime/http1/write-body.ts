import type { Writable } from "node:stream";
import type { Fields } from "./fields.ts";
import type { Framing } from "./framing.ts";
import { fieldText } from "./write-head.ts";

/** Writes body bytes with the given framing. Returns what `Writable.write` returns: false means wait for `drain`. */
export function writeBody(to: Writable, framing: Framing, data: Buffer): boolean {
  if (data.length === 0) {
    return true;
  }
  if (framing.kind !== "chunked") {
    return to.write(data);
  }
  to.cork();
  to.write(`${data.length.toString(16)}\r\n`, "latin1");
  to.write(data);
  const more = to.write("\r\n", "latin1");
  to.uncork();
  return more;
}

/** Ends the body; only the chunked coding has something to write. */
export function writeBodyEnd(to: Writable, framing: Framing, trailers: Fields): void {
  if (framing.kind === "chunked") {
    to.write(trailers.size === 0 ? "0\r\n\r\n" : `0\r\n${fieldText(trailers)}\r\n`, "latin1");
  }
}
