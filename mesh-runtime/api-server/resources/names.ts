import { randomInt } from "node:crypto";

/** No vowels and nothing that looks alike, as Kubernetes makes names. */
const alphabet = "bcdfghjklmnpqrstvwxz2456789";
const suffixChars = 5;
const nameCharsMax = 63;

/** Five random characters. */
export const randomSuffix = (): string =>
  Array.from({ length: suffixChars }, () => alphabet[randomInt(alphabet.length)]).join("");

/** A name from `generateName`, cut so that it fits. */
export const randomName = (prefix: string): string => `${prefix.slice(0, nameCharsMax - suffixChars)}${randomSuffix()}`;
