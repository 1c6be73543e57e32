const known = new WeakMap<object, string>();

/** The content of an object as text; remembered, since translation keeps what did not change. */
export function textOf(value: object | undefined): string {
  if (value === undefined) {
    return "";
  }
  let text = known.get(value);
  if (text === undefined) {
    text = JSON.stringify(value);
    known.set(value, text);
  }
  return text;
}
