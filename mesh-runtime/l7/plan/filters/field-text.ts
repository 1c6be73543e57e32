import { isHopByHop } from "../../../http1/index.ts";

const name = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,256}$/;
/** The complement of a field value (RFC 9110 §5.5): no control character can be written, CR and LF least of all. */
const notAscii = /[^\t\x20-\x7e]/;
const notInValue = /[^\t\x20-\x7e\x80-\xff]/;

/** Whether a field may be set from configuration or by an authorizer: not Host, not framing, not of one connection alone. */
export const isEditable = (lowerName: string): boolean => name.test(lowerName) && !isHopByHop(lowerName);

/** A value as it is written on the wire (latin1 text of its UTF-8 bytes), or `undefined` when it must not be. */
export function fieldValue(value: string): string | undefined {
  const bytes = notAscii.test(value) ? Buffer.from(value, "utf8").toString("latin1") : value;
  return notInValue.test(bytes) ? undefined : bytes.trim();
}
