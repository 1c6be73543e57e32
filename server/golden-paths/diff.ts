import type { DiffLine } from "@/server/contracts/golden-paths.ts";

/** Longest text in lines that is compared line by line; policies have a few dozen. */
const linesMax = 2_000;

/** Line diff by longest common subsequence; line numbers count from 1 in each text. */
export function diffLines(before: string, after: string): DiffLine[] {
  const one = split(before);
  const other = split(after);
  if (one.length > linesMax || other.length > linesMax) {
    return [
      ...one.map((text, index): DiffLine => ({ sign: "-", before: index + 1, after: null, text })),
      ...other.map((text, index): DiffLine => ({ sign: "+", before: null, after: index + 1, text })),
    ];
  }
  const common = commonLengths(one, other);
  const at = (row: number, column: number): number => common[row * (other.length + 1) + column] ?? 0;
  const lines: DiffLine[] = [];
  let i = 0;
  let j = 0;
  while (i < one.length || j < other.length) {
    const left = one[i];
    const right = other[j];
    if (left !== undefined && left === right) {
      lines.push({ sign: " ", before: ++i, after: ++j, text: left });
    } else if (left !== undefined && (right === undefined || at(i + 1, j) >= at(i, j + 1))) {
      lines.push({ sign: "-", before: ++i, after: null, text: left });
    } else if (right !== undefined) {
      lines.push({ sign: "+", before: null, after: ++j, text: right });
    }
  }
  return lines;
}

const split = (text: string): string[] => (text === "" ? [] : text.replace(/\n$/, "").split("\n"));

/** `[i][j]`: length of the longest common subsequence of the two tails. */
function commonLengths(one: readonly string[], other: readonly string[]): Uint16Array {
  const width = other.length + 1;
  const table = new Uint16Array((one.length + 1) * width);
  for (let i = one.length - 1; i >= 0; i--) {
    for (let j = other.length - 1; j >= 0; j--) {
      table[i * width + j] =
        one[i] === other[j]
          ? (table[(i + 1) * width + j + 1] ?? 0) + 1
          : Math.max(table[(i + 1) * width + j] ?? 0, table[i * width + j + 1] ?? 0);
    }
  }
  return table;
}
