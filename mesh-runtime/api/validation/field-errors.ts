/** Makers of field errors in the words of k8s.io/apimachinery `util/validation/field`. */
import type { FieldError, FieldErrorReason } from "../status.ts";

/** A value printed as Go prints it (`%#v`), for messages that quote whole structures. */
export interface GoText {
  readonly goText: string;
}

export const goText = (text: string): GoText => ({ goText: text });

/** What a message may quote. */
export type Quoted = string | number | boolean | GoText;

function quote(value: Quoted): string {
  return typeof value === "string" ? JSON.stringify(value) : typeof value === "object" ? value.goText : String(value);
}

const error = (reason: FieldErrorReason, field: string, message: string): FieldError => ({ reason, field, message });
const withDetail = (text: string, detail: string) => (detail === "" ? text : `${text}: ${detail}`);

export const required = (field: string, detail = "") =>
  error("FieldValueRequired", field, withDetail("Required value", detail));
export const invalid = (field: string, value: Quoted, detail: string) =>
  error("FieldValueInvalid", field, withDetail(`Invalid value: ${quote(value)}`, detail));
export const typeInvalid = (field: string, value: Quoted, detail: string) =>
  error("FieldValueTypeInvalid", field, withDetail(`Invalid value: ${quote(value)}`, detail));
export const forbidden = (field: string, detail: string) =>
  error("FieldValueForbidden", field, withDetail("Forbidden", detail));
export const duplicate = (field: string, value: Quoted) =>
  error("FieldValueDuplicate", field, `Duplicate value: ${quote(value)}`);
export const notFound = (field: string, value: Quoted) =>
  error("FieldValueNotFound", field, `Not found: ${quote(value)}`);
export const tooLong = (field: string, max: number) =>
  error("FieldValueTooLong", field, `Too long: may not be more than ${max} bytes`);
export const tooMany = (field: string, actual: number, max: number) =>
  error("FieldValueTooMany", field, `Too many: ${actual}: must have at most ${max} items`);
/** `supported` is listed as given. */
export const notSupported = (field: string, value: Quoted, supported: readonly (string | number)[]) =>
  error(
    "FieldValueNotSupported",
    field,
    `Unsupported value: ${quote(value)}: supported values: ${supported.map((word) => JSON.stringify(String(word))).join(", ")}`,
  );

/** Like `notSupported` unless `value` is one of `supported`. Built-in kinds list the words in order. */
export function supported(field: string, value: string, words: readonly string[]): FieldError[] {
  return words.includes(value) ? [] : [notSupported(field, value, [...words].sort())];
}
