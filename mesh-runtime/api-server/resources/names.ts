import { randomInt } from "node:crypto";

/** No vowels and nothing that looks alike, as Kubernetes makes names. */
const alphabet = "bcdfghjklmnpqrstvwxz2456789";
const suffixChars = 5;
/** Five random characters. */
export const randomSuffix = (): string =>
  Array.from({ length: suffixChars }, () => alphabet[randomInt(alphabet.length)]).join("");
