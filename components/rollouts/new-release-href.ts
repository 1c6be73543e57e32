/** Where the form of a release opens, filled in with what is known. */
export function newReleaseHref(values: Readonly<Record<string, unknown>>): string {
  return `/rollouts/new?values=${encodeURIComponent(JSON.stringify(values))}`;
}
