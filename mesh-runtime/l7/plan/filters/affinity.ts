import { randomBytes } from "node:crypto";
import type { L7Cluster } from "../../../xds/proxy-config.ts";
import { cookieValues } from "../routes/cookies.ts";
import { queryParameter } from "../routes/query-parameters.ts";
import { isEditable } from "./field-text.ts";

/** What consistent hashing looks at. */
export interface HashedRequest {
  readonly query: string;
  readonly sourceIp: string;
  header(name: string): string | undefined;
}

/** Of a request at a cluster with consistent hashing. */
export interface Affinity {
  /** `undefined`: the request does not have what is hashed; any endpoint will do. */
  readonly hash: number | undefined;
  /** A cookie to hand out, so that the client comes back to the same endpoint. */
  readonly setCookie: string | undefined;
}

const none: Affinity = { hash: undefined, setCookie: undefined };

/** What binds a request to an endpoint, as the cluster's load balancing says. */
export function affinityOf({ loadBalancing: { policy, hashBy } }: L7Cluster, request: HashedRequest): Affinity {
  if (policy !== "CONSISTENT_HASH" || hashBy === undefined) {
    return none;
  }
  switch (hashBy.kind) {
    case "header":
      return of(request.header(hashBy.name.toLowerCase()));
    case "queryParameter":
      return of(queryParameter(request.query, hashBy.name));
    case "sourceIp":
      return of(request.sourceIp);
    case "cookie": {
      const value = cookieValues(request.header("cookie"), hashBy.name)[0];
      return value === undefined && hashBy.ttlMs !== undefined ? newCookie(hashBy, hashBy.ttlMs) : of(value);
    }
  }
}

const of = (value: string | undefined): Affinity =>
  value === undefined ? none : { hash: hashText(value), setCookie: undefined };

/** As Envoy hands it out: for the whole client, out of reach of scripts. */
function newCookie({ name, path }: { name: string; path: string }, ttlMs: number): Affinity {
  const value = randomBytes(8).toString("hex");
  const maxAge = ttlMs === 0 ? "" : `; Max-Age=${Math.ceil(ttlMs / 1000)}`;
  const atPath = /^\/[\x21-\x3a\x3c-\x7e]*$/.test(path) ? `; Path=${path}` : "";
  return {
    hash: hashText(value),
    setCookie: isEditable(name) ? `${name}="${value}"${maxAge}${atPath}; HttpOnly` : undefined,
  };
}

/** FNV-1a with the finish of MurmurHash3, 32 bits: spreads short texts that differ in one character. */
export function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
