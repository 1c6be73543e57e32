/**
 * Path templates of an AuthorizationPolicy: `{*}` stands for one segment, `{**}` for any number of them
 * (istio.io "Authorization Policy", Operation.paths).
 */

/** Whether a value of `paths` is a template; such values are carried as exact matchers, braces never occur in others. */
export const isPathTemplate = (value: string): boolean => value.includes("{*}") || value.includes("{**}");

/** Whether the path has the template's form. `{**}` may stand once; with more the template matches nothing. */
export function matchesPathTemplate(template: string, path: string): boolean {
  const wanted = template.split("/");
  const given = path.split("/");
  const rest = wanted.indexOf("{**}");
  if (rest === -1) {
    return wanted.length === given.length && sameSegments(wanted, given);
  }
  const tail = wanted.slice(rest + 1);
  if (tail.includes("{**}") || given.length < rest + tail.length) {
    return false;
  }
  return (
    sameSegments(wanted.slice(0, rest), given) &&
    (tail.length === 0 || sameSegments(tail, given.slice(given.length - tail.length)))
  );
}

const sameSegments = (wanted: readonly string[], given: readonly string[]): boolean =>
  wanted.every((segment, index) => (segment === "{*}" ? (given[index] ?? "") !== "" : segment === given[index]));
