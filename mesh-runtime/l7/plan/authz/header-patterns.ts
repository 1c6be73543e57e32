/**
 * Names of header fields as providers list them: exact, `x-*` or `*-id`, without regard to case (Istio,
 * `generateHeaders`).
 */
export function compileHeaderPatterns(patterns: readonly string[]): (lowerName: string) => boolean {
  const exact = new Set<string>();
  const prefixes: string[] = [];
  const suffixes: string[] = [];
  for (const pattern of patterns.map((name) => name.toLowerCase())) {
    if (pattern.startsWith("*")) {
      suffixes.push(pattern.slice(1));
    } else if (pattern.endsWith("*")) {
      prefixes.push(pattern.slice(0, -1));
    } else {
      exact.add(pattern);
    }
  }
  return (name) =>
    exact.has(name) ||
    prefixes.some((prefix) => name.startsWith(prefix)) ||
    suffixes.some((suffix) => name.endsWith(suffix));
}
