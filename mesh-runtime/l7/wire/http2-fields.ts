import type { Http2Stream } from "node:http2";
import { cleanValue, Fields, isForbiddenTrailer, isHopByHop } from "../../http1/index.ts";

/** Fields of a head or of trailers in HTTP/2, without pseudo-headers and what HTTP/2 has no use for. */
export function readHttp2Fields(raw: readonly string[]): Fields {
  const list: string[] = [];
  for (let index = 0; index < raw.length; index += 2) {
    const name = raw[index] ?? "";
    if (!name.startsWith(":") && (name === "content-length" || !isHopByHop(name))) {
      list.push(name, cleanValue(raw[index + 1] ?? ""));
    }
  }
  return new Fields(list);
}

const nameShape = /^[!#$%&'*+\-.^_`|~0-9a-z]+$/;

/** Trailers of HTTP/2; what must not stand there, or could not be written in HTTP/1, is left out. */
export function readHttp2Trailers(raw: readonly string[]): Fields {
  const list: string[] = [];
  for (let index = 0; index < raw.length; index += 2) {
    const name = raw[index] ?? "";
    const value = raw[index + 1] ?? "";
    if (nameShape.test(name) && cleanValue(value) === value && !isForbiddenTrailer(name) && !isHopByHop(name)) {
      list.push(name, value);
    }
  }
  return new Fields(list);
}

/** Adds end-to-end fields to `list` in HTTP/2's form: lower case, nothing that concerns one connection. */
export function http2Fields(fields: Fields, list: string[]): void {
  const given = fields.list;
  for (let index = 0; index < given.length; index += 2) {
    const name = (given[index] ?? "").toLowerCase();
    if (!isHopByHop(name)) {
      list.push(name, given[index + 1] ?? "");
    }
  }
}

/**
 * Sends trailers when node:http2 asks for them (`wantTrailers`). It throws at fields that it would not write, e.g. one
 * that may stand once, twice; nobody would catch that there. Then only fields that stand once are sent, and as a last
 * resort none.
 */
export function sendTrailers(stream: Http2Stream, trailers: Fields): void {
  const all = trailersObject(trailers);
  const once = Object.fromEntries(Object.entries(all).filter(([, values]) => values.length === 1));
  for (const some of [all, once, {}]) {
    try {
      stream.sendTrailers(some);
      return;
    } catch {
      // The next try has less.
    }
  }
}

/** Trailers and informational fields as node:http2 takes them. */
export function trailersObject(trailers: Fields): Record<string, string[]> {
  const object: Record<string, string[]> = {};
  const { list } = trailers;
  for (let index = 0; index < list.length; index += 2) {
    const name = (list[index] ?? "").toLowerCase();
    if (!isHopByHop(name) && !name.startsWith(":")) {
      object[name] = [...(object[name] ?? []), list[index + 1] ?? ""];
    }
  }
  return object;
}
