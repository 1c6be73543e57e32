/** A duration that is at least so many milliseconds: whole seconds, below one second whole tenths. */
export const wholeSeconds = (ms: number): string =>
  ms <= 1_000 ? `${Math.max(100, Math.ceil(ms / 100) * 100)}ms` : `${Math.ceil(ms / 1_000)}s`;
