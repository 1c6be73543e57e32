import { Http1Error } from "./http1-error.ts";

/** What a request is for, whatever form its target had (RFC 9112 §3.2). */
export interface Target {
  readonly form: "origin" | "absolute" | "authority" | "asterisk";
  /** Scheme of the absolute form, lower case. */
  readonly scheme: "http" | "https" | undefined;
  /** `host[:port]`: of the target if it names one, otherwise the Host field. Empty only in HTTP/1.0. */
  readonly authority: string;
  /** Path and query, `*`, or empty for CONNECT. */
  readonly path: string;
}

const authorityShape = /^(?:\[[0-9A-Fa-f:.]{2,45}\]|[A-Za-z0-9\-._~!$&'()*+,;=%]{1,255})(?::\d{1,5})?$/;

/** `host[:port]` as Host, an absolute target or `:authority` may have it. */
export const isAuthority = (text: string): boolean => authorityShape.test(text);

/**
 * Reads a target. The absolute form wins over Host, which the proxy must then rewrite (RFC 9112 §3.2.2).
 * @throws Http1Error
 */
export function parseTarget(method: string, target: string, host: string | undefined, minorVersion: 0 | 1): Target {
  if (host === undefined && minorVersion === 1) {
    throw new Http1Error("host", "no Host");
  }
  if (target.includes("#")) {
    throw new Http1Error("target", "a fragment in the target");
  }
  if (method === "CONNECT") {
    if (!isAuthority(target) || !/:\d+$/.test(target)) {
      throw new Http1Error("target", "CONNECT needs host:port");
    }
    checkHost(host ?? "", true);
    return { form: "authority", scheme: undefined, authority: target, path: "" };
  }
  const slashes = target[0] === "/" ? -1 : target.indexOf("://");
  if (slashes !== -1) {
    checkHost(host ?? "", true);
    return absolute(method, target, slashes);
  }
  if (target[0] !== "/" && !(target === "*" && method === "OPTIONS")) {
    throw new Http1Error("target", "neither a path nor an absolute URI");
  }
  checkHost(host ?? "", minorVersion === 0);
  return { form: target === "*" ? "asterisk" : "origin", scheme: undefined, authority: host ?? "", path: target };
}

function absolute(method: string, target: string, slashes: number): Target {
  const scheme = target.slice(0, slashes).toLowerCase();
  if (scheme !== "http" && scheme !== "https") {
    throw new Http1Error("target", "a scheme other than http and https");
  }
  const rest = target.slice(slashes + 3);
  const authorityEnd = rest.search(/[/?]/);
  const authority = authorityEnd === -1 ? rest : rest.slice(0, authorityEnd);
  if (!isAuthority(authority)) {
    throw new Http1Error("target", "a malformed authority in the target");
  }
  const tail = authorityEnd === -1 ? "" : rest.slice(authorityEnd);
  const path = tail === "" && method === "OPTIONS" ? "*" : tail.startsWith("/") ? tail : `/${tail}`;
  return { form: "absolute", scheme, authority, path };
}

function checkHost(host: string, mayBeEmpty: boolean): void {
  if (!(isAuthority(host) || (mayBeEmpty && host === ""))) {
    throw new Http1Error("host", "a malformed Host");
  }
}
