/** Host names of listeners and routes: exact, `*.suffix`, or empty for any (Gateway API, Hostname). */

/** Whether a pattern covers a lower-case host without port. A wildcard stands for one label or more. */
export function coversHost(pattern: string, host: string): boolean {
  if (pattern === "" || pattern === "*") {
    return true;
  }
  return pattern.startsWith("*.")
    ? host.length > pattern.length - 1 && host.endsWith(pattern.slice(1))
    : host === pattern;
}

/** What both patterns cover, as one pattern; `undefined` when nothing. */
export function intersectHosts(one: string, other: string): string | undefined {
  if (coversPattern(one, other)) {
    return other;
  }
  return coversPattern(other, one) ? one : undefined;
}

function coversPattern(wide: string, narrow: string): boolean {
  if (wide === "" || wide === "*") {
    return true;
  }
  if (narrow === "" || narrow === "*") {
    return false;
  }
  if (narrow.startsWith("*.")) {
    return wide.startsWith("*.") && narrow.slice(1).endsWith(wide.slice(1));
  }
  return coversHost(wide, narrow);
}

/** Order of precedence: exact names first, then longer wildcards, then any. */
export function compareSpecificity(one: string, other: string): number {
  return rank(other) - rank(one);
}

const rank = (pattern: string): number => {
  if (pattern === "" || pattern === "*") {
    return 0;
  }
  return pattern.startsWith("*.") ? pattern.length : 1_000 + pattern.length;
};

/** Host of an authority, lower case, without port. */
export function hostOf(authority: string): string {
  const end = authority.startsWith("[") ? authority.indexOf("]") + 1 : authority.indexOf(":");
  return (end <= 0 ? authority : authority.slice(0, end)).toLowerCase();
}
