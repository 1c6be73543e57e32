import { MalformedResource } from "../resource-type.ts";

/** A model's words for the numbers of a wire enum. */
export interface ClosedEnum<W extends string> {
  toWire(word: W): number;
  /** Throws `MalformedResource` for a number without a word, 0 ("unspecified") included. */
  fromWire(number: number, field: string): W;
}

/** Closed on purpose: what this version does not know must reject the resource, not be taken for something else. */
export function closedEnum<const W extends string>(numbers: Readonly<Record<W, number>>): ClosedEnum<W> {
  const words = new Map<number, W>();
  for (const word in numbers) {
    words.set(numbers[word], word);
  }
  return {
    toWire: (word) => numbers[word],
    fromWire(number, field) {
      const word = words.get(number);
      if (word === undefined) {
        throw new MalformedResource(`${field}: value ${number} is unknown`);
      }
      return word;
    },
  };
}
