/** Something that is chosen by weight. */
export interface Weighted {
  readonly weight: number;
}

/**
 * Picks by weight; `undefined` when there is nothing to pick (nothing at all, or all weights 0): answer 500. `random` is
 * from 0 to below 1.
 */
export function chooseByWeight<T extends Weighted>(choices: readonly T[], random: () => number): T | undefined {
  const first = choices[0];
  if (choices.length === 1 && first !== undefined) {
    return first.weight > 0 ? first : undefined;
  }
  let total = 0;
  for (const { weight } of choices) {
    total += weight;
  }
  let point = random() * total;
  for (const choice of choices) {
    point -= choice.weight;
    if (point < 0) {
      return choice;
    }
  }
  return undefined;
}
