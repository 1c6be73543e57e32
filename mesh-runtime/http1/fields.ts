/**
 * Header fields in the order and case they were sent. Lookup is by lower-case name and linear: heads are short, and most
 * fields are only passed on.
 */
export class Fields {
  /** Name, value, name, value, … */
  readonly list: string[];

  constructor(list: string[] = []) {
    this.list = list;
  }

  get size(): number {
    return this.list.length / 2;
  }

  /** Value of the first field with this lower-case name. */
  get(lowerName: string): string | undefined {
    const { list } = this;
    for (let index = 0; index < list.length; index += 2) {
      if (isNamed(list[index], lowerName)) {
        return list[index + 1];
      }
    }
    return undefined;
  }

  /** Values of all fields with this lower-case name, joined by `,` as Envoy and Istio do before matching. */
  joined(lowerName: string): string | undefined {
    const { list } = this;
    let found: string | undefined;
    for (let index = 0; index < list.length; index += 2) {
      if (isNamed(list[index], lowerName)) {
        const value = list[index + 1] ?? "";
        found = found === undefined ? value : `${found},${value}`;
      }
    }
    return found;
  }

  has(lowerName: string): boolean {
    return this.get(lowerName) !== undefined;
  }

  /** Adds a field; see `cleanValue` for what cannot stand in it. A name that is no token adds nothing. */
  add(name: string, value: string): void {
    if (isName(name)) {
      this.list.push(name, cleanValue(value));
    }
  }

  /** Replaces all fields of this name by one. */
  set(lowerName: string, value: string): void {
    this.remove(lowerName);
    this.add(lowerName, value);
  }

  /** A copy that can be changed. */
  copy(): Fields {
    return new Fields(this.list.slice());
  }

  remove(lowerName: string): void {
    const { list } = this;
    for (let index = list.length - 2; index >= 0; index -= 2) {
      if (isNamed(list[index], lowerName)) {
        list.splice(index, 2);
      }
    }
  }
}

/** Whether a field name as sent is this lower-case name. */
export const isNamed = (name: string | undefined, lowerName: string): boolean =>
  name !== undefined && name.length === lowerName.length && (name === lowerName || name.toLowerCase() === lowerName);

const isName = (name: string): boolean => /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(name);
const notInValues = /[^\t\x20-\x7e\x80-\xff]/;

/**
 * A value that cannot end its line. Heads are written as latin1: a character beyond it would be cut to its low byte, and
 * U+010A would become a line feed. Parsed fields are past this check; what is added later (claims of tokens, edits of
 * routes) is not.
 */
export const cleanValue = (value: string): string =>
  notInValues.test(value) ? value.replace(/[^\t\x20-\x7e\x80-\xff]/g, " ") : value;
