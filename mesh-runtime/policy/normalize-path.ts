/**
 * Path normalization before matching, as Istio has Envoy do it (istio.io "Authorization Policy Normalization"): what is
 * judged is what is forwarded.
 *
 * - NONE: as sent.
 * - BASE: Envoy's `normalize_path`, which is Chromium's URL canonicalizer: percent-encoded unreserved characters are
 *   decoded once, characters that belong encoded are encoded, backslashes become slashes, dot segments are removed
 *   (RFC 3986 §5.2.4). `%2F` and `%5C` stay.
 * - MERGE_SLASHES: then `//` becomes `/`.
 * - DECODE_AND_MERGE_SLASHES: `%2F` and `%5C` are decoded first.
 */
import type { PathNormalization } from "./path-normalization.ts";

/** A request path that was split and normalized. */
export interface NormalizedPath {
  /** Normalized, without query. */
  readonly path: string;
  /** `?` and what follows, as it was sent; empty without a query. */
  readonly query: string;
}

/** What a path must have for BASE to change or refuse it. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are looked for
const needsBase = /[\\%\x00-\x20"<>^`{|}\x7f-\uffff]|\/\./;

/**
 * Normalizes a request target in origin form. `undefined` when it must be refused with 400: it does not start with a
 * slash, carries a fragment, NUL, or (beyond Envoy, except in NONE) ASCII characters in an over-long UTF-8 encoding,
 * which a careless decoder behind would take for slashes and dots.
 */
export function normalizePath(target: string, mode: PathNormalization = "BASE"): NormalizedPath | undefined {
  const question = target.indexOf("?");
  const sent = question === -1 ? target : target.slice(0, question);
  const query = question === -1 ? "" : target.slice(question);
  if (target.includes("#") || sent.includes("\0")) {
    return undefined;
  }
  if (mode === "NONE") {
    return sent[0] === "/" ? { path: sent, query } : undefined;
  }
  const raw = mode === "DECODE_AND_MERGE_SLASHES" ? decodeSlashes(sent) : sent;
  if (raw[0] !== "/" && raw[0] !== "\\") {
    return undefined;
  }
  const path = needsBase.test(raw) ? base(raw) : raw;
  return path === undefined ? undefined : { path: mode === "BASE" ? path : mergeSlashes(path), query };
}

const decodeSlashes = (path: string): string =>
  path.includes("%") ? path.replace(/%2[Ff]/g, "/").replace(/%5[Cc]/g, "\\") : path;

const mergeSlashes = (path: string): string => (path.includes("//") ? path.replace(/\/{2,}/g, "/") : path);

/** ASCII in two, three or four bytes of UTF-8. */
const overlong = /%[Cc][01]%[89ABab]|%[Ee]0%[89][0-9A-Fa-f]%|%[Ff]0%8[0-9A-Fa-f]%/;
const unreserved = /[A-Za-z0-9\-._~]/;

/** Characters that Chromium encodes when they are sent as they are. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are encoded
const belongEncoded = /[\x01-\x20"<>^`{|}\x7f-\xff]/g;

function base(raw: string): string | undefined {
  if (/%00|[\u0100-\uffff]/.test(raw) || overlong.test(raw)) {
    return undefined;
  }
  // A `%` that begins no escape is marked, lest it begin one together with characters that are decoded behind it.
  const decoded = raw
    .replace(/%(?:([0-9A-Fa-f]{2})|)/g, (whole: string, hex: string | undefined) => {
      const character = hex === undefined ? "\0" : String.fromCharCode(Number.parseInt(hex, 16));
      return hex === undefined || unreserved.test(character) ? character : whole;
    })
    .replace(/\0([0-9A-Fa-f]{2})/g, "%25$1")
    .replaceAll("\0", "%")
    .replaceAll("\\", "/")
    .replace(belongEncoded, encoded);
  return removeDotSegments(decoded);
}

const encoded = (character: string): string =>
  `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`;

/** RFC 3986 §5.2.4 for a path that starts with a slash. */
function removeDotSegments(path: string): string {
  if (!path.includes("/.")) {
    return path;
  }
  const segments = path.split("/");
  const kept: string[] = [""];
  for (let index = 1; index < segments.length; index++) {
    const segment = segments[index] ?? "";
    if (segment === ".." && kept.length > 1) {
      kept.pop();
    }
    if (segment !== "." && segment !== "..") {
      kept.push(segment);
    } else if (index === segments.length - 1) {
      kept.push("");
    }
  }
  return kept.join("/");
}
