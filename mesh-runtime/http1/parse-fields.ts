import { COLON, HTAB, isToken, SP } from "./characters.ts";
import type { Lines } from "./head-lines.ts";
import { Http1Error } from "./http1-error.ts";

/** The complement of a field value (RFC 9110 §5.5) in latin1 text; faster than a table where strings are at hand. */
const notInValues = /[^\t\x20-\x7e\x80-\xff]/;

/**
 * Reads field lines from `first` (a line number) on into name, value, name, value, … `text` is the head as latin1.
 * @throws Http1Error
 */
export function parseFields({ bytes, bounds }: Lines, text: string, first: number): string[] {
  const list: string[] = [];
  for (let index = first * 2; index < bounds.length; index += 2) {
    const start = bounds[index] ?? 0;
    const lineEnd = bounds[index + 1] ?? 0;
    const leading = bytes[start];
    if (leading === SP || leading === HTAB) {
      throw new Http1Error("obs-fold", "a field goes on in the next line");
    }
    let at = start;
    while (isToken[bytes[at] ?? 0] === 1) {
      at++;
    }
    if (at === start || bytes[at] !== COLON) {
      throw new Http1Error("field-name", "not a field name followed by a colon");
    }
    const nameEnd = at++;
    while (at < lineEnd && (bytes[at] === SP || bytes[at] === HTAB)) {
      at++;
    }
    let valueEnd = lineEnd;
    while (valueEnd > at && (bytes[valueEnd - 1] === SP || bytes[valueEnd - 1] === HTAB)) {
      valueEnd--;
    }
    const value = text.slice(at, valueEnd);
    if (notInValues.test(value)) {
      throw new Http1Error("field-value", "a control character in a field value");
    }
    list.push(text.slice(start, nameEnd), value);
  }
  return list;
}
