/** Host names of listeners and routes: exact, `*.suffix`, or empty for any (Gateway API, Hostname). */

/** Whether a pattern covers a lower-case host without port. A wildcard stands for one label or more. */
function coversHost(pattern: string, host: string): boolean {
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

/** Values by host pattern: exact names first, then the longest wildcard, then any. */
export class HostTable<T> {
  readonly #exact = new Map<string, T>();
  /** By suffix with its leading dot. */
  readonly #wildcards = new Map<string, T>();
  readonly #any: T | undefined;

  /** Patterns in lower case. */
  constructor(byPattern: ReadonlyMap<string, T>) {
    for (const [pattern, value] of byPattern) {
      if (pattern.startsWith("*.")) {
        this.#wildcards.set(pattern.slice(1), value);
      } else if (pattern !== "" && pattern !== "*") {
        this.#exact.set(pattern, value);
      }
    }
    this.#any = byPattern.get("") ?? byPattern.get("*");
  }

  /** For a lower-case host without port. */
  find(host: string): T | undefined {
    if (this.#exact.size > 0) {
      const exact = this.#exact.get(host);
      if (exact !== undefined) {
        return exact;
      }
    }
    if (this.#wildcards.size > 0) {
      for (let dot = host.indexOf(".", 1); dot !== -1; dot = host.indexOf(".", dot + 1)) {
        const wildcard = this.#wildcards.get(host.slice(dot));
        if (wildcard !== undefined) {
          return wildcard;
        }
      }
    }
    return this.#any;
  }
}

/** Host of an authority, lower case, without port. */
export function hostOf(authority: string): string {
  const end = authority.startsWith("[") ? authority.indexOf("]") + 1 : authority.indexOf(":");
  return (end <= 0 ? authority : authority.slice(0, end)).toLowerCase();
}
