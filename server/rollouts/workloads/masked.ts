/** What is shown of a Deployment to people who may not read its secrets. Pure. */

const secretWords =
  "secret|passw|passphrase|pwd|token|credential|dsn|auth|cookie|salt|conn(?:ection)?[_-]?str|(?:api|access|private|signing|encryption|master|license)[_.-]?key";
const secretName = new RegExp(`${secretWords}|[_-]key$`, "i");
/** `--db-password=…`, `PGPASSWORD=…`, `…?password=…`, wherever it stands in a text. */
const assigned = new RegExp(`((?:${secretWords})[\\w.-]*=)("[^"]*"|'[^']*'|[^\\s&;,]+)`, "gi");
const hidden = "(hidden)";

/** Values of settings that are named like secrets are left out, and credentials in addresses and on command lines. */
export function masked(object: unknown): unknown {
  if (Array.isArray(object)) {
    return object.map(masked);
  }
  if (typeof object !== "object" || object === null) {
    return typeof object === "string" ? maskedText(object) : object;
  }
  const fields = object as Readonly<Record<string, unknown>>;
  const { name, value } = fields;
  const isSecret = typeof name === "string" && typeof value === "string" && secretName.test(name);
  return Object.fromEntries(
    Object.entries(fields).map(([key, inner]) => [
      key,
      isSecret && key === "value"
        ? hidden
        : (key === "command" || key === "args") && Array.isArray(inner)
          ? maskedWords(inner)
          : key === "annotations"
            ? maskedAnnotations(inner)
            : masked(inner),
    ]),
  );
}

const maskedText = (text: string): string =>
  text.replace(/(:\/\/)[^/@\s]+@/g, `$1${hidden}@`).replace(assigned, `$1${hidden}`);

/** The word after an option without `=` is its value. */
function maskedWords(words: readonly unknown[]): unknown[] {
  const isSecretOption = (word: unknown): boolean =>
    typeof word === "string" && /^--?[\w.-]+$/.test(word) && secretName.test(word);
  const isOption = (word: unknown): boolean => typeof word === "string" && word.startsWith("-");
  return words.map((word, index) => (isSecretOption(words[index - 1]) && !isOption(word) ? hidden : masked(word)));
}

function maskedAnnotations(annotations: unknown): unknown {
  return typeof annotations === "object" && annotations !== null
    ? Object.fromEntries(
        Object.entries(annotations).map(([name, value]) => [name, secretName.test(name) ? hidden : masked(value)]),
      )
    : annotations;
}
