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

  add(name: string, value: string): void {
    this.list.push(name, value);
  }

  /** Replaces all fields of this name by one. */
  set(lowerName: string, value: string): void {
    this.remove(lowerName);
    this.list.push(lowerName, value);
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
