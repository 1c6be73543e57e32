/** Where the form of a release opens, filled in with what is known. */
export function newReleaseHref(values: Readonly<Record<string, unknown>>): string {
  return `/rollouts/new?values=${encodeURIComponent(JSON.stringify(values))}`;
}

/** Where the form of a bundle opens, with one release of it filled in. */
export function newBundleHref(member: Readonly<Record<string, unknown>>): string {
  return `/rollouts/bundle?values=${encodeURIComponent(JSON.stringify({ members: [member] }))}`;
}
