/**
 * Numbers and times as the portal writes them: thousands with a comma, three figures that matter, units after a no-break
 * space, a true minus, and never a zero where something happened.
 */

const SPACE = "\u00a0";
const NONE = "–";

/** A number and its unit, kept apart so that the unit can be dimmed. */
export interface Quantity {
  readonly value: string;
  readonly unit: string;
}

/** `Quantity` as one text, for labels and plain text. */
export function textOf(quantity: Quantity): string {
  return quantity.unit === "" ? quantity.value : `${quantity.value}${SPACE}${quantity.unit}`;
}

const whole = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });

/** `14,562`; a true minus for negatives. */
export function count(value: number): string {
  return whole.format(value).replace("-", "−");
}

function threeFigures(value: number): string {
  if (value >= 100) {
    return count(value);
  }
  return value >= 10 ? value.toFixed(1) : value.toFixed(value >= 1 ? 1 : 2);
}

/** A rate in requests per second. `perSecond` below 0.01 but above nothing reads `< 0.01`. */
export function rate(perSecond: number | null | undefined, unit = "rps"): Quantity {
  if (perSecond === null || perSecond === undefined) {
    return { value: NONE, unit: "" };
  }
  if (perSecond === 0) {
    return { value: "0", unit };
  }
  return perSecond < 0.01 ? { value: `<${SPACE}0.01`, unit } : { value: threeFigures(perSecond), unit };
}

/** A share between 0 and 1 as per cent. Never rounds something to nothing, nor a part to the whole. */
export function share(part: number | null | undefined): Quantity {
  if (part === null || part === undefined || Number.isNaN(part)) {
    return { value: NONE, unit: "" };
  }
  const percent = part * 100;
  if (percent === 0 || percent === 100) {
    return { value: String(percent), unit: "%" };
  }
  if (percent < 0.01) {
    return { value: `<${SPACE}0.01`, unit: "%" };
  }
  if (percent > 99.99) {
    return { value: `>${SPACE}99.99`, unit: "%" };
  }
  if (percent < 10 || percent > 99) {
    return { value: percent.toFixed(2), unit: "%" };
  }
  return { value: percent.toFixed(1), unit: "%" };
}

/** A share for places of few pixels: no decimals, but still never 0 or 100 when it is not. */
export function shareShort(part: number): string {
  const percent = part * 100;
  if (percent > 0 && percent < 1) {
    return `<${SPACE}1${SPACE}%`;
  }
  if (percent < 100 && percent > 99) {
    return `99${SPACE}%`;
  }
  return `${Math.round(percent)}${SPACE}%`;
}

/** Milliseconds: `0.42 ms`, `41 ms`, `1.3 s`. */
export function milliseconds(ms: number | null | undefined): Quantity {
  if (ms === null || ms === undefined || Number.isNaN(ms)) {
    return { value: NONE, unit: "" };
  }
  if (ms < 10) {
    return { value: ms < 1 ? ms.toFixed(2) : ms.toFixed(1), unit: "ms" };
  }
  return ms < 1000 ? { value: String(Math.round(ms)), unit: "ms" } : { value: (ms / 1000).toFixed(1), unit: "s" };
}

/** Bytes in binary steps: `512 B`, `1.2 KiB`. */
export function bytes(value: number): Quantity {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let size = value;
  let step = 0;
  while (size >= 1024 && step < units.length - 1) {
    size /= 1024;
    step += 1;
  }
  return { value: step === 0 ? String(size) : threeFigures(size), unit: units[step] ?? "B" };
}

/** A span of time in its one or two largest units: `38 ms`, `41 s`, `5 min 40 s`, `3 h`, `9 days`. */
export function duration(ms: number): string {
  const span = Math.abs(ms);
  if (span < 1000) {
    return `${Math.round(span)}${SPACE}ms`;
  }
  const seconds = Math.round(span / 1000);
  if (seconds < 60) {
    return `${seconds}${SPACE}s`;
  }
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) {
    const rest = seconds % 60;
    return minutes < 10 && rest > 0 ? `${minutes}${SPACE}min ${rest}${SPACE}s` : `${minutes}${SPACE}min`;
  }
  const hours = Math.floor(minutes / 60);
  if (hours < 24) {
    const rest = minutes % 60;
    return hours < 10 && rest > 0 ? `${hours}${SPACE}h ${rest}${SPACE}min` : `${hours}${SPACE}h`;
  }
  const days = Math.floor(hours / 24);
  return days === 1 ? "1 day" : `${days} days`;
}

/** How long ago, in its largest unit only: `13 min`; under two seconds it is `now`. */
export function ago(thenMs: number, nowMs: number): string {
  const span = Math.max(0, nowMs - thenMs);
  if (span < 2000) {
    return "now";
  }
  const seconds = Math.floor(span / 1000);
  if (seconds < 60) {
    return `${seconds}${SPACE}s`;
  }
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) {
    return `${minutes}${SPACE}min`;
  }
  const hours = Math.floor(minutes / 60);
  if (hours < 24) {
    return `${hours}${SPACE}h`;
  }
  const days = Math.floor(hours / 24);
  return days === 1 ? "1 day" : `${days} days`;
}

const exactFormat = new Intl.DateTimeFormat("en-GB", {
  day: "numeric",
  month: "short",
  year: "numeric",
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  timeZone: "UTC",
});

/** `12 Nov 2026, 09:41:07 UTC`. */
export function exact(ms: number): string {
  return `${exactFormat.format(ms)} UTC`;
}

const clockFormat = new Intl.DateTimeFormat("en-GB", {
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  timeZone: "UTC",
});

/** `14:32:30`, in UTC; write the zone beside it. */
export function clock(ms: number): string {
  return clockFormat.format(ms);
}

const dayFormat = new Intl.DateTimeFormat("en-GB", {
  day: "numeric",
  month: "short",
  hour: "2-digit",
  minute: "2-digit",
  timeZone: "UTC",
});

/** `12 Nov, 09:41`, in UTC. */
export function dayAndTime(ms: number): string {
  return dayFormat.format(ms);
}

/** `1 request`, `2 requests`. */
export function plural(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}
