import { errors } from "../api-error.ts";

type Labels = Readonly<Record<string, string>> | undefined;

/** Tells whether labels match. */
export type LabelMatcher = (labels: Labels) => boolean;

type Token = { readonly type: "word" | "op" | "end"; readonly text: string };

const operators = ["==", "!=", "=", "!", ",", "(", ")", ">", "<"];

function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < text.length) {
    const char = text[at] ?? "";
    if (/\s/.test(char)) {
      at++;
      continue;
    }
    const operator = operators.find((candidate) => text.startsWith(candidate, at));
    if (operator !== undefined) {
      tokens.push({ type: "op", text: operator });
      at += operator.length;
      continue;
    }
    const word = /^[^\s=!,()<>]+/.exec(text.slice(at))?.[0] ?? char;
    tokens.push({ type: "word", text: word });
    at += word.length;
  }
  tokens.push({ type: "end", text: "" });
  return tokens;
}

const keyPattern =
  /^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;
const valuePattern = /^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/;
const charsMax = 8_192;

/** Parses the language of `labelSelector` (k8s.io/apimachinery `labels.Parse`). Throws 400. */
export function parseLabelSelector(text: string): LabelMatcher {
  if (text.length > charsMax) {
    throw errors.badRequest(`unable to parse requirement: the selector is longer than ${charsMax} characters`);
  }
  if (text.trim() === "") {
    return () => true;
  }
  const tokens = tokenize(text);
  let at = 0;
  const peek = (): Token => tokens[at] ?? { type: "end", text: "" };
  const next = (): Token => {
    const token = peek();
    at++;
    return token;
  };
  const fail = (message: string): never => {
    throw errors.badRequest(message);
  };
  const key = (): string => {
    const token = next();
    if (token.type !== "word") {
      return fail(`unable to parse requirement: found '${token.text}', expected: identifier`);
    }
    if (!keyPattern.test(token.text)) {
      return fail(
        `unable to parse requirement: <nil>: Invalid value: ${JSON.stringify(token.text)}: name part must be a qualified label key`,
      );
    }
    return token.text;
  };
  const value = (word: string, of: string): string =>
    valuePattern.test(word)
      ? word
      : fail(
          `unable to parse requirement: values[0][${of}]: Invalid value: ${JSON.stringify(word)}: a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.'`,
        );
  const values = (of: string): Set<string> => {
    if (next().text !== "(") {
      return fail(`unable to parse requirement: found '${tokens[at - 1]?.text ?? ""}' expected: '('`);
    }
    const out = new Set<string>();
    for (;;) {
      out.add(value(peek().type === "word" ? next().text : "", of));
      const token = next();
      if (token.text === ")") {
        return out;
      }
      if (token.text !== ",") {
        return fail(`unable to parse requirement: found '${token.text}', expected: ',' or ')'`);
      }
    }
  };
  const requirement = (): LabelMatcher => {
    if (peek().text === "!" && peek().type === "op") {
      next();
      const name = key();
      return (labels) => labels?.[name] === undefined;
    }
    const name = key();
    const token = peek();
    if (token.type === "end" || token.text === ",") {
      return (labels) => labels?.[name] !== undefined;
    }
    next();
    switch (token.text) {
      case "=":
      case "==":
      case "!=": {
        const wanted = value(peek().type === "word" ? next().text : "", name);
        return token.text === "!=" ? (labels) => labels?.[name] !== wanted : (labels) => labels?.[name] === wanted;
      }
      case "in":
      case "notin": {
        const wanted = values(name);
        const has: LabelMatcher = (labels) => labels?.[name] !== undefined && wanted.has(labels[name]);
        return token.text === "in" ? has : (labels) => !has(labels);
      }
      case ">":
      case "<": {
        const bound = Number(next().text);
        if (!Number.isSafeInteger(bound)) {
          return fail("unable to parse requirement: for 'Gt', 'Lt' operators, the value must be an integer");
        }
        const compare = (found: number): boolean => (token.text === ">" ? found > bound : found < bound);
        return (labels) => /^-?\d+$/.test(labels?.[name] ?? "") && compare(Number(labels?.[name]));
      }
      default:
        return fail(`unable to parse requirement: found '${token.text}', expected: in, notin, =, ==, !=, gt, lt`);
    }
  };
  const all: LabelMatcher[] = [];
  for (;;) {
    all.push(requirement());
    const token = next();
    if (token.type === "end") {
      return (labels) => all.every((matches) => matches(labels));
    }
    if (token.text !== ",") {
      return fail(`found '${token.text}', expected: ',' or 'end of string'`);
    }
  }
}
