/** A growing list of numbers in plain memory. Pure. */
export class Column<T extends Uint32Array | Float64Array> {
  values: T;
  readonly #make: (length: number) => T;

  constructor(make: (length: number) => T) {
    this.#make = make;
    this.values = make(1_024);
  }

  set(index: number, value: number): void {
    if (index >= this.values.length) {
      const grown = this.#make(this.values.length * 2);
      grown.set(this.values as never);
      this.values = grown;
    }
    this.values[index] = value;
  }
}

/** Whole numbers from 0. */
export const numbers = () => new Column((length) => new Uint32Array(length));
export const floats = () => new Column((length) => new Float64Array(length));
