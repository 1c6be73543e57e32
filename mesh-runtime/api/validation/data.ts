/** What ConfigMaps and Secrets hold. */
import { equal } from "../schema/json.ts";
import type { FieldError } from "../status.ts";
import { forbidden, invalid, tooLong } from "./field-errors.ts";

/** Bytes of all values of one object. */
export const maxDataBytes = 1024 * 1024;

const encoder = new TextEncoder();

export function dataErrors(data: Readonly<Record<string, string>> | undefined, field: string): FieldError[] {
  const entries = Object.entries(data ?? {});
  const errors = entries.flatMap(([key]) =>
    /^[-._a-zA-Z0-9]{1,253}$/.test(key) && key !== "." && !key.startsWith("..")
      ? []
      : [
          invalid(
            `${field}[${key}]`,
            key,
            "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')",
          ),
        ],
  );
  const bytes = entries.reduce((sum, [, value]) => sum + encoder.encode(value).length, 0);
  return bytes > maxDataBytes ? [...errors, tooLong("", maxDataBytes)] : errors;
}

/** What may not change once `immutable` is set, the mark itself included. */
export function immutableErrors<T extends { immutable?: boolean | undefined }>(
  object: T,
  old: T,
  fields: readonly (keyof T & string)[],
): FieldError[] {
  const text = "field is immutable when `immutable` is set";
  return [
    ...(object.immutable ? [] : [forbidden("immutable", text)]),
    ...fields.filter((field) => !equal(object[field], old[field])).map((field) => forbidden(field, text)),
  ];
}
