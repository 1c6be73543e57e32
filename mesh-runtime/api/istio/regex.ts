/** Whether RE2 would take an expression. When in doubt, yes: what proxies cannot do is said in a condition. */

const sourceMax = 1024;

/** What is wrong with the expression of the field `where`, in istiod's words. */
export function regexProblem(source: string, where: string): string | undefined {
  const named = JSON.stringify(where);
  if (source === "") {
    return `${named}: regex string match should not be empty`;
  }
  if (new TextEncoder().encode(source).length > sourceMax) {
    return `${named}: regex is too large, max length allowed is ${sourceMax}`;
  }
  const problem = syntaxProblem(source);
  return problem === undefined
    ? undefined
    : `${named}: error parsing regexp: ${problem}; Istio uses RE2 style regex-based match (https://github.com/google/re2/wiki/Syntax)`;
}

function syntaxProblem(source: string): string | undefined {
  let depth = 0;
  let repeatable = false;
  for (let at = 0; at < source.length; at += 1) {
    const rest = source.slice(at);
    const character = rest[0] ?? "";
    if (character === "\\") {
      if (rest.length === 1) {
        return "trailing backslash at end of expression: ``";
      }
      if (rest.startsWith("\\Q")) {
        const end = source.indexOf("\\E", at + 2);
        at = end < 0 ? source.length : end + 1;
        repeatable = true;
        continue;
      }
      // Digits refer back to groups, which a linear automaton cannot do.
      if (/^\\[1-9jkcuRXKG]/.test(rest)) {
        return `invalid escape sequence: \`${rest.slice(0, 2)}\``;
      }
      at += 1;
      repeatable = true;
    } else if (character === "[") {
      const length = classLength(rest);
      if (length === undefined) {
        return `missing closing ]: \`${rest}\``;
      }
      at += length - 1;
      repeatable = true;
    } else if (character === "(") {
      const unsupported = /^\(\?(?:<?[=!]|>|#|\()/.exec(rest)?.[0];
      if (unsupported !== undefined) {
        return `invalid or unsupported Perl syntax: \`${unsupported}\``;
      }
      const flags = /^\(\?(?:P?<\w+>|[imsU]*(?:-[imsU]+)?([:)]))/.exec(rest);
      at += flags === null ? 0 : flags[0].length - 1;
      depth += flags?.[1] === ")" ? 0 : 1;
      repeatable = false;
    } else if (character === ")") {
      depth -= 1;
      if (depth < 0) {
        return `unexpected ): \`${source}\``;
      }
      repeatable = true;
    } else if (character === "*" || character === "+" || character === "?") {
      if (!repeatable) {
        return `missing argument to repetition operator: \`${character}\``;
      }
      at += rest[1] === "?" ? 1 : 0;
      if (/^[*+]/.test(source.slice(at + 1))) {
        return `invalid nested repetition operator: \`${character}${source[at + 1] ?? ""}\``;
      }
    } else {
      repeatable = character !== "|";
    }
  }
  return depth > 0 ? `missing closing ): \`${source}\`` : undefined;
}

/** Characters of the class that `text` starts with; a `]` in front is one of its members. */
function classLength(text: string): number | undefined {
  return /^\[\^?\]?(?:\\[\s\S]|\[:\^?\w+:\]|[^\]\\])*\]/.exec(text)?.[0].length;
}
