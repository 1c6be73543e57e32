/** Character classes as tables, one byte a character; indexing past the end of a buffer reads `undefined`: not a member. */

const table = (member: (code: number) => boolean): Uint8Array =>
  Uint8Array.from({ length: 256 }, (_, code) => (member(code) ? 1 : 0));

const tokenCharacters = new Set("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

/** `tchar` (RFC 9110 §5.6.2). */
export const isToken = table((code) => tokenCharacters.has(String.fromCharCode(code)));

/** Characters of a field value: HTAB, SP, VCHAR, obs-text (RFC 9110 §5.5). */
export const isFieldValue = table((code) => code === 0x09 || (code >= 0x20 && code !== 0x7f));

/** Visible ASCII: what a request target may be made of. */
export const isVisible = table((code) => code > 0x20 && code < 0x7f);

/** Value of a hexadecimal digit, 255 for anything else. */
export const hexValue = Uint8Array.from({ length: 256 }, (_, code) => {
  const digit = "0123456789abcdef".indexOf(String.fromCharCode(code).toLowerCase());
  return code < 0x80 && digit !== -1 ? digit : 255;
});

export const HTAB = 0x09;
export const LF = 0x0a;
export const CR = 0x0d;
export const SP = 0x20;
export const COLON = 0x3a;
export const SEMICOLON = 0x3b;
