/** What istiod's webhook says of names and values of headers in a VirtualService. */
import { headerValueProblem } from "./header-format.ts";
import type { HeaderOperations } from "./http-rule.ts";
import type { Report } from "./report.ts";

const token = /^[A-Za-z0-9!#$%&'*+\-.^_`|~]+$/;
const pseudoHeaders = new Set([":method", ":scheme", ":authority", ":path", ":status"]);

const empty = "header name cannot be empty";

const isHost = (name: string) => name.toLowerCase() === "host";
const isInternal = (name: string) => name.startsWith(":") || isHost(name);

/** `:authority` and `host` are one and the same. */
export const isAuthority = (name: string): boolean => name.toLowerCase() === ":authority" || isHost(name);

/** `@request.auth.claims.a` and `@request.auth.claims[a]`: a match on a claim, for gateways. */
export function isClaim(name: string): boolean {
  const marker = "@request.auth.claims";
  const rest = name.slice(marker.length);
  return (
    name.toLowerCase().startsWith(marker) &&
    ((rest.startsWith(".") && rest.length > 1) || (rest.startsWith("[") && rest.endsWith("]") && rest.length > 2))
  );
}

export function matchNameProblem(name: string): string | undefined {
  if (name === "") {
    return empty;
  }
  return isClaim(name) || pseudoHeaders.has(name) || token.test(name)
    ? undefined
    : `header name ${name} is not a valid header name`;
}

export function corsNameProblem(name: string): string | undefined {
  if (name === "") {
    return empty;
  }
  return token.test(name) ? undefined : `header name ${name} is not a valid header name`;
}

/** Setting or adding to a request may name the authority. */
function requestNameProblem(name: string): string | undefined {
  if (name === "") {
    return empty;
  }
  return isInternal(name) && !isAuthority(name)
    ? `invalid header ${JSON.stringify(name)}: header cannot have ":" prefix`
    : undefined;
}

function otherNameProblem(name: string): string | undefined {
  if (name === "") {
    return empty;
  }
  if (isHost(name)) {
    return `invalid header ${JSON.stringify(name)}: cannot set Host header`;
  }
  return isInternal(name) ? `invalid header ${JSON.stringify(name)}: header cannot have ":" prefix` : undefined;
}

interface Headers {
  readonly request?: HeaderOperations | undefined;
  readonly response?: HeaderOperations | undefined;
}

export function admitHeaders(headers: Headers | undefined, report: Report): void {
  admitOperations(headers?.request, requestNameProblem, report);
  admitOperations(headers?.response, otherNameProblem, report);
}

function admitOperations(
  operations: HeaderOperations | undefined,
  nameProblem: (name: string) => string | undefined,
  report: Report,
): void {
  for (const [name, value] of [...Object.entries(operations?.add ?? {}), ...Object.entries(operations?.set ?? {})]) {
    report.refuse(nameProblem(name));
    report.refuse(headerValueProblem(value));
  }
  for (const name of operations?.remove ?? []) {
    report.refuse(otherNameProblem(name));
  }
}
