/** A command line in parts; what leads to the new version stands out. Pure. */

interface Part {
  readonly text: string;
  readonly strong: boolean;
}

/** Values of headers and cookies (after `-H`, `-b`) but `Host`, without their quotes. */
export function marked(command: string): readonly Part[] {
  const parts: Part[] = [];
  let rest = 0;
  for (const match of command.matchAll(/(?<=\s(?:-H|-b|--header|--cookie)\s+)(['"])((?:(?!\1).)+)\1/g)) {
    const [, quote = "", text = ""] = match;
    if (/^host:/i.test(text)) {
      continue;
    }
    const from = match.index + quote.length;
    parts.push({ text: command.slice(rest, from), strong: false }, { text, strong: true });
    rest = from + text.length;
  }
  return [...parts, { text: command.slice(rest), strong: false }].filter(({ text }) => text !== "");
}
