/**
 * Path normalization before matching, Istio's option BASE (istio.io "Authorization Policy Normalization"): percent-encoded
 * unreserved characters are decoded once, backslashes become slashes, dot segments are removed (RFC 3986 §5.2.4).
 * `%2F` and `%5C` stay, slashes are not merged. What is judged is what is forwarded.
 */

import type { PathNormalization } from "./path-normalization.ts";

/** A request path that was split and normalized. */
export interface NormalizedPath {
  /** Normalized, without query. */
  readonly path: string;
  /** `?` and what follows, as it was sent; empty without a query. */
  readonly query: string;
}

const needsWork = /[\\%]|\/\./;
const unreserved = /[A-Za-z0-9\-._~]/;

/**
 * Normalizes a request target in origin form. `undefined` when it must be refused with 400: it does not start with a
 * slash or backslash, carries a fragment, or encodes NUL.
 */
export function normalizePath(target: string, mode: PathNormalization = "BASE"): NormalizedPath | undefined {
  const question = target.indexOf("?");
  const raw = question === -1 ? target : target.slice(0, question);
  const query = question === -1 ? "" : target.slice(question);
  if ((raw[0] !== "/" && raw[0] !== "\\") || target.includes("#")) {
    return undefined;
  }
  if (mode === "NONE" || !needsWork.test(raw)) {
    return { path: raw, query };
  }
  if (raw.includes("%00")) {
    return undefined;
  }
  const decoded = raw
    .replace(/%([0-9A-Fa-f]{2})/g, (encoded, hex: string) => {
      const character = String.fromCharCode(Number.parseInt(hex, 16));
      return unreserved.test(character) ? character : encoded.toUpperCase();
    })
    .replaceAll("\\", "/");
  return { path: removeDotSegments(decoded), query };
}

/** RFC 3986 §5.2.4 for a path that starts with a slash. */
function removeDotSegments(path: string): string {
  if (!path.includes("/.")) {
    return path;
  }
  const segments = path.split("/");
  const kept: string[] = [""];
  for (let index = 1; index < segments.length; index++) {
    const segment = segments[index] ?? "";
    const last = index === segments.length - 1;
    if (segment === "..") {
      if (kept.length > 1) {
        kept.pop();
      }
      if (last) {
        kept.push("");
      }
    } else if (segment === ".") {
      if (last) {
        kept.push("");
      }
    } else {
      kept.push(segment);
    }
  }
  return kept.length === 1 ? "/" : kept.join("/");
}
