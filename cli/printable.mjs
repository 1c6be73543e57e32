// @ts-check

/**
 * Texts of people and clusters without what a terminal takes for a command.
 *
 * @param {string} text
 */
export const printable = (text) =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is taken out
  text.replace(/[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]+/g, " ");

/**
 * Rows below each other, columns as wide as needed.
 *
 * @param {readonly (readonly string[])[]} rows the first is the head
 * @returns {string} with a line feed at the end of each row
 */
export function table(rows) {
  const clean = rows.map((row) => row.map(printable));
  const widths = (clean[0] ?? []).map((_, column) => Math.max(...clean.map((row) => (row[column] ?? "").length)));
  return clean
    .map(
      (row) =>
        `${row
          .map((cell, column) => cell.padEnd(widths[column] ?? 0))
          .join("  ")
          .trimEnd()}\n`,
    )
    .join("");
}
