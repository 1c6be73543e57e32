import type { IncomingMessage } from "node:http";
import type { KindDefinition } from "../../api/kind.ts";
import type { UserInfo } from "../auth/user.ts";

/** A request for objects, parsed from its path. */
export interface ResourcePath {
  readonly group: string;
  readonly version: string;
  /** Undefined for cluster-scoped requests and for all namespaces. */
  readonly namespace: string | undefined;
  readonly plural: string;
  readonly name: string | undefined;
  readonly subresource: string | undefined;
}

/** Everything a handler gets to know about a request. */
export interface ApiRequest {
  readonly raw: IncomingMessage;
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly user: UserInfo;
  /** The first part of User-Agent: the field manager of those who name none. */
  readonly agent: string;
  /** Texts for `Warning` headers, filled while the request is worked on. */
  readonly warnings: string[];
}

/** A request for objects of a kind that is served. */
export interface ObjectRequest extends ApiRequest {
  readonly target: ResourcePath;
  readonly kind: KindDefinition;
}

/**
 * Parses `/api/v1/…` and `/apis/<group>/<version>/…`; undefined for anything else, discovery documents included.
 * `/api/v1/namespaces/<name>` is the Namespace itself, and so are its `status` and `finalize`.
 */
export function parseResourcePath(path: string): ResourcePath | undefined {
  const parts = path.split("/").slice(1);
  if (parts.some((part) => part === "") || parts.length > 9) {
    return undefined;
  }
  const [root, ...tail] = parts;
  const [group, version, ...rest] = root === "api" ? ["", ...tail] : root === "apis" ? tail : [];
  if (group === undefined || version === undefined || rest.length === 0) {
    return undefined;
  }
  const decoded = decodeAll(rest);
  if (decoded === undefined) {
    return undefined;
  }
  const [first, second, third] = decoded;
  const isInNamespace =
    first === "namespaces" && third !== undefined && !(group === "" && (third === "status" || third === "finalize"));
  const [plural, name, subresource, ...more] = isInNamespace ? decoded.slice(2) : decoded;
  if (plural === undefined || more.length > 0) {
    return undefined;
  }
  return { group, version, namespace: isInNamespace ? second : undefined, plural, name, subresource };
}

function decodeAll(parts: readonly string[]): string[] | undefined {
  try {
    return parts.map(decodeURIComponent);
  } catch {
    return undefined;
  }
}

/** The field manager of a writer that names none. */
export function agentOf(userAgent: string | undefined): string {
  return (userAgent ?? "unknown").split("/")[0]?.slice(0, 128) || "unknown";
}
