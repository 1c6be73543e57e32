const two = (value: number): string => String(value).padStart(2, "0");

/** `2026-12-24T08:00` in the reader's zone, as a field for date and time holds it. */
export function toLocalInput(unixMs: number): string {
  const at = new Date(unixMs);
  const day = `${String(at.getFullYear()).padStart(4, "0")}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  return `${day}T${two(at.getHours())}:${two(at.getMinutes())}`;
}

/** Milliseconds of such a text in the reader's zone; null while it is unfinished. */
export function fromLocalInput(text: string): number | null {
  const ms = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}/.test(text) ? new Date(text).getTime() : Number.NaN;
  return Number.isNaN(ms) || ms < 0 ? null : ms;
}

/** Name of the reader's zone: `Europe/Berlin`. */
export const readersZone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone;
