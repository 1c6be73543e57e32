/**
 * Path templates of an AuthorizationPolicy: `{*}` stands for one segment, `{**}` for the rest, slashes included
 * (istio.io "Authorization Policy", Operation.paths; Envoy's URI template matcher, which istiod hands them to).
 */

/** Whether a value of `paths` is a template; such values are carried as exact matchers, braces never occur in others. */
export const isPathTemplate = (value: string): boolean => value.includes("{*}") || value.includes("{**}");

/** A template in parts. */
export interface PathTemplate {
  /** What every matching path begins with, up to the first operator. */
  readonly head: string;
  /** Whether the path has the template's form. `wide` takes any character in place of an operator; Envoy does not. */
  matches(path: string, wide: boolean): boolean;
}

/** Envoy's operators stand for these characters alone, `=` and `*` not among them. */
const ordinary = /^[a-zA-Z0-9\-._~%!$&'()+,;:@/]*$/;

/** Reads a template; `undefined` when Envoy would refuse it: an operator beside text, or any operator after `{**}`. */
export function parsePathTemplate(template: string): PathTemplate | undefined {
  const [root, ...segments] = template.split("/");
  const operators = segments.filter(isOperator);
  const last = operators.pop();
  const malformed = segments.some((segment) => /[{}*]/.test(segment) && !isOperator(segment));
  if (root !== "" || last === undefined || operators.includes("{**}") || malformed) {
    return undefined;
  }
  const first = segments.findIndex(isOperator);
  const head = `/${segments.slice(0, first).join("/")}${first === 0 ? "" : "/"}`;
  return { head, matches: (path, wide) => path.startsWith(head) && matchesFrom(segments, path, wide) };
}

const isOperator = (segment: string): boolean => segment === "{*}" || segment === "{**}";

function matchesFrom(segments: readonly string[], path: string, wide: boolean): boolean {
  const given = path.slice(1).split("/");
  const rest = segments.indexOf("{**}");
  if (rest === -1) {
    return segments.length === given.length && sameSegments(segments, given, wide);
  }
  // `{**}` needs at least the empty rest behind its slash.
  const tail = segments.slice(rest + 1);
  if (given.length < rest + 1 + tail.length) {
    return false;
  }
  const end = given.length - tail.length;
  return (
    sameSegments(segments.slice(0, rest), given, wide) &&
    sameSegments(tail, given.slice(end), wide) &&
    (wide || given.slice(rest, end).every((segment) => ordinary.test(segment)))
  );
}

const sameSegments = (wanted: readonly string[], given: readonly string[], wide: boolean): boolean =>
  wanted.every((segment, index) => {
    const value = given[index] ?? "";
    return segment === "{*}" ? value !== "" && (wide || ordinary.test(value)) : segment === value;
  });
