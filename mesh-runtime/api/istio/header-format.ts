/** Values of headers as Envoy reads them: text with `%VARIABLE%` and `%VARIABLE(argument)%`, `%%` for a percent sign. */

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const control = /[\u0000-\u0008\u000a-\u001f\u007f]/;

type State = "text" | "name" | "arguments" | "argument" | "element" | "delimiter" | "end of arguments" | "end";

/** What is wrong with a value, in istiod's words. What stands between the percent signs is not checked. */
export function headerValueProblem(value: string): string | undefined {
  if (control.test(value)) {
    return `header value configuration ${value} is invalid`;
  }
  const problem = formatProblem(value);
  return problem === undefined ? undefined : `header value configuration: invalid header configuration. ${problem}`;
}

function formatProblem(value: string): string | undefined {
  let state: State = "text";
  for (let at = 0; at < value.length; at += 1) {
    const character = value[at] ?? "";
    const next = value[at + 1];
    switch (state) {
      case "text":
        if (character !== "%") {
          break;
        }
        if (next === undefined) {
          return "Un-escaped %";
        }
        // The second of two percent signs ends a name of nothing.
        state = "name";
        break;
      case "name":
        state = character === "%" ? "text" : character === "(" ? "arguments" : "name";
        break;
      case "arguments":
        state = character === "[" ? "element" : character === " " ? "arguments" : "argument";
        break;
      case "element":
        if (character !== '"' && character !== " ") {
          return "Expecting '\"'";
        }
        state = character === '"' ? "argument" : "element";
        break;
      case "argument":
        if (character === "\\") {
          if (next === undefined) {
            return "Un-terminated backslash in JSON string";
          }
          at += 1;
        } else if (character === ")") {
          state = "end";
        } else if (character === '"') {
          state = "delimiter";
        }
        break;
      case "delimiter":
        if (![",", "]", " "].includes(character)) {
          return "Expecting ',', ']', or whitespace";
        }
        state = character === "," ? "element" : character === "]" ? "end of arguments" : "delimiter";
        break;
      case "end of arguments":
        if (![")", " "].includes(character)) {
          return "Expecting ')' or whitespace after '{}', but found '{}'";
        }
        state = character === ")" ? "end" : "end of arguments";
        break;
      case "end":
        if (!["%", " "].includes(character)) {
          return "Expecting '%' or whitespace after";
        }
        state = character === "%" ? "text" : "end";
        break;
      default:
        state satisfies never;
    }
  }
  return state === "text" ? undefined : `Un-terminated variable expression '${value}'`;
}
