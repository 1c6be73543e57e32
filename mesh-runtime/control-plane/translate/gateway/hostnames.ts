/** Hostname matching of Gateway API ("Hostname" and "Listener.hostname"). All in lower case; empty is any. */

/** Whether a pattern (`*.example.com`) covers a name or a narrower pattern. One label at least stands for the star. */
function covers(pattern: string, name: string): boolean {
  if (pattern === "" || pattern === name) {
    return true;
  }
  return pattern.startsWith("*.") && name.length > pattern.length - 1 && name.endsWith(pattern.slice(1));
}

/**
 * The hostnames under which a route is served by a listener: the narrower of each pair. A route without hostnames
 * takes the listener's. `undefined`: they have nothing in common.
 */
export function commonHostnames(listener: string, route: readonly string[]): readonly string[] | undefined {
  if (route.length === 0) {
    return listener === "" ? [] : [listener];
  }
  const common = route.flatMap((name) => (covers(listener, name) ? [name] : covers(name, listener) ? [listener] : []));
  return common.length === 0 ? undefined : [...new Set(common)];
}
