/** Values printed as Go prints them, for messages that quote Go. */
import { isObject } from "./json.ts";

/** `%#v` of a decoded JSON value: `map[string]interface {}{"name":"a"}`. Keys are sorted. */
export function goSyntax(value: unknown): string {
  if (Array.isArray(value)) {
    return `[]interface {}{${value.map(goSyntax).join(", ")}}`;
  }
  if (isObject(value)) {
    return `map[string]interface {}{${sortedEntries(value)
      .map(([key, entry]) => `${JSON.stringify(key)}:${goSyntax(entry)}`)
      .join(", ")}}`;
  }
  return value === null || value === undefined ? "interface {}(nil)" : JSON.stringify(value);
}

/** `%v` of a decoded JSON value: `map[name:gw]`, `[a b]`. */
export function goPlain(value: unknown): string {
  if (Array.isArray(value)) {
    return `[${value.map(goPlain).join(" ")}]`;
  }
  if (isObject(value)) {
    return `map[${sortedEntries(value)
      .map(([key, entry]) => `${key}:${goPlain(entry)}`)
      .join(" ")}]`;
  }
  return value === null || value === undefined ? "<nil>" : String(value);
}

/** `%#v` of a `map[string]string`; absent is a nil map. */
export function goStringMap(value: Readonly<Record<string, string>> | undefined): string {
  if (value === undefined) {
    return "map[string]string(nil)";
  }
  return `map[string]string{${sortedEntries(value)
    .map(([key, entry]) => `${JSON.stringify(key)}:${JSON.stringify(entry)}`)
    .join(", ")}}`;
}

/** `%#v` of a `[]string`. */
export function goStrings(value: readonly string[]): string {
  return `[]string{${value.map((entry) => JSON.stringify(entry)).join(", ")}}`;
}

function sortedEntries<T>(value: Readonly<Record<string, T>>): [string, T][] {
  return Object.entries(value).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
}
