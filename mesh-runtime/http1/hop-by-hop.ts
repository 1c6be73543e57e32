import { Fields } from "./fields.ts";

/**
 * Fields that concern one connection alone (RFC 9110 §7.6.1) or that the writer makes itself (framing, Host).
 * `proxy-authenticate` and `proxy-authorization` concern the next proxy, which is this one.
 */
const hopByHop: ReadonlySet<string> = new Set([
  "connection",
  "content-length",
  "host",
  "http2-settings",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "transfer-encoding",
  "upgrade",
]);

const lengths = new Set([...hopByHop].map((name) => name.length));

/** Nominating these in `Connection` would strip what later hops rely on; they stay. */
const neverNominated: ReadonlySet<string> = new Set(["", "cache-control", "close", "keep-alive", "te", "upgrade"]);

/** Whether a field of this lower-case name concerns one connection alone. */
export const isHopByHop = (lowerName: string): boolean => hopByHop.has(lowerName);

/** A copy with the fields that may be passed on, without what `Connection` nominates. */
export function endToEnd(fields: Fields, connection: readonly string[]): Fields {
  const { list } = fields;
  const nominated = connection.filter((option) => !neverNominated.has(option));
  const kept: string[] = [];
  for (let index = 0; index < list.length; index += 2) {
    const name = list[index] ?? "";
    if (lengths.has(name.length) && hopByHop.has(name.toLowerCase())) {
      continue;
    }
    if (nominated.length > 0 && nominated.includes(name.toLowerCase())) {
      continue;
    }
    kept.push(name, list[index + 1] ?? "");
  }
  return new Fields(kept);
}
