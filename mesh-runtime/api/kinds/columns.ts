/** Columns and texts of `kubectl get`. */
import type { PrinterColumn } from "../kind.ts";
import type { Condition, KubeObject } from "../meta.ts";

type Cell = string | number | boolean | null;

/** A column over a kind's own type. */
export function column<T extends KubeObject>(
  name: string,
  cell: (object: T, now: Date) => Cell,
  options: { type?: PrinterColumn["type"]; format?: "name"; priority?: number; description?: string } = {},
): PrinterColumn {
  return {
    name,
    type: options.type ?? "string",
    ...(options.format ? { format: options.format } : {}),
    description: options.description ?? "",
    priority: options.priority ?? 0,
    cell: (object, now) => cell(object as T, now),
  };
}

export const nameColumn = column("Name", (object) => object.metadata?.name ?? "", {
  format: "name",
  description: "Unique within a namespace.",
});

/** Age of built-in kinds is text, of custom kinds a date; both are printed as text by the server. */
export const ageColumn = column("Age", (object, now) => age(object.metadata?.creationTimestamp, now), {
  description: "How long the object exists.",
});
export const customAgeColumn: PrinterColumn = { ...ageColumn, type: "date" };

/** `<unknown>` without a time. */
export function age(since: string | null | undefined, now: Date): string {
  const start = since ? Date.parse(since) : Number.NaN;
  return Number.isNaN(start) ? "<unknown>" : humanDuration(now.getTime() - start);
}

/** Two most telling units, as apimachinery's `HumanDuration`: `90s`, `5m30s`, `3h`, `2d4h`, `40d`, `2y`. */
export function humanDuration(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  if (seconds < -1) {
    return "<invalid>";
  }
  if (seconds < 0) {
    return "0s";
  }
  if (seconds < 120) {
    return `${seconds}s`;
  }
  const minutes = Math.floor(seconds / 60);
  if (minutes < 10) {
    return two(minutes, "m", seconds % 60, "s");
  }
  if (minutes < 180) {
    return `${minutes}m`;
  }
  const hours = Math.floor(minutes / 60);
  if (hours < 8) {
    return two(hours, "h", minutes % 60, "m");
  }
  if (hours < 48) {
    return `${hours}h`;
  }
  const days = Math.floor(hours / 24);
  if (hours < 192) {
    return two(days, "d", hours % 24, "h");
  }
  if (days < 730) {
    return `${days}d`;
  }
  const years = Math.floor(days / 365);
  return years < 8 ? two(years, "y", days % 365, "d") : `${years}y`;
}

function two(a: number, unit: string, b: number, smaller: string): string {
  return b === 0 ? `${a}${unit}` : `${a}${unit}${b}${smaller}`;
}

/** A list as a custom column prints it: `["a","b"]`; empty when it is not there. */
export function jsonText(value: unknown): string {
  return value === undefined ? "" : JSON.stringify(value);
}

/** A label map as `a=b,c=d`, `<none>` when empty. */
export function labelText(labels: Readonly<Record<string, string>> | undefined): string {
  const entries = Object.entries(labels ?? {}).map(([key, value]) => `${key}=${value}`);
  return entries.length === 0 ? "<none>" : entries.sort().join(",");
}

/** Status of a condition, empty when it is not there. */
export function conditionStatus(
  conditions: readonly Pick<Condition, "type" | "status">[] | undefined,
  type: string,
): string {
  return conditions?.find((condition) => condition.type === type)?.status ?? "";
}
