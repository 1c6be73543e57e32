/** `resource.Quantity`: `100m`, `1Gi`, `2e3`. Exact to a nano unit; finer values are rounded up, as Kubernetes does. */

const binary = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"] as const;
const decimal = ["n", "u", "m", "", "k", "M", "G", "T", "P", "E"] as const;
const nano = 1_000_000_000n;

export interface Quantity {
  /** In billionths of a unit. */
  readonly nanos: bigint;
  readonly format: "binary" | "decimal" | "exponent";
}

/** What Go says of a text that is no quantity. */
export const quantityError =
  "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";

/** Undefined when the text is no quantity, or out of reach (more than 40 digits, exponents over 30). */
export function parseQuantity(text: string): Quantity | undefined {
  const match = /^([+-]?)(\d{0,40})(?:\.(\d{0,40}))?(?:(Ki|Mi|Gi|Ti|Pi|Ei|[numkMGTPE]?)|[eE]([+-]?\d{1,2}))$/.exec(
    text,
  );
  if (!match) {
    return undefined;
  }
  const [, sign, whole = "", fraction = "", suffix = "", exponent] = match;
  if (whole === "" && fraction === "") {
    return undefined;
  }
  const format = exponent !== undefined ? "exponent" : suffix.endsWith("i") ? "binary" : "decimal";
  const power = exponent === undefined ? (decimal as readonly string[]).indexOf(suffix) * 3 - 9 : Number(exponent);
  if (format !== "binary" && Math.abs(power) > 30) {
    return undefined;
  }
  const scale = format === "binary" ? 1024n ** BigInt((binary as readonly string[]).indexOf(suffix)) : 1n;
  const tens = (format === "binary" ? 0 : power) + 9 - fraction.length;
  const digits = BigInt(whole + fraction) * scale;
  const nanos = tens >= 0 ? digits * 10n ** BigInt(tens) : divideUp(digits, 10n ** BigInt(-tens));
  return { nanos: sign === "-" ? -nanos : nanos, format };
}

function divideUp(a: bigint, b: bigint): bigint {
  return (a + b - 1n) / b;
}

/** The form in which Kubernetes stores it: `0.50` is `500m`, `1024Mi` is `1Gi`. */
export function formatQuantity({ nanos, format }: Quantity): string {
  if (nanos === 0n) {
    return "0";
  }
  const sign = nanos < 0n ? "-" : "";
  const amount = nanos < 0n ? -nanos : nanos;
  // Small or fractional binary amounts are written in decimal, without loss.
  if (format === "binary" && amount >= 1024n * nano && amount % nano === 0n) {
    let value = amount / nano;
    let step = 0;
    while (value % 1024n === 0n && step < binary.length - 1) {
      value /= 1024n;
      step += 1;
    }
    return `${sign}${value}${binary[step] ?? ""}`;
  }
  let value = amount;
  let step = 0;
  while (value % 1000n === 0n && step < decimal.length - 1) {
    value /= 1000n;
    step += 1;
  }
  if (format === "exponent") {
    const power = step * 3 - 9;
    return power === 0 ? `${sign}${value}` : `${sign}${value}e${power}`;
  }
  return `${sign}${value}${decimal[step] ?? ""}`;
}

/** The stored form of a text; the text itself when it is no quantity. */
export function canonicalQuantity(text: string): string {
  const quantity = parseQuantity(text);
  return quantity === undefined ? text : formatQuantity(quantity);
}
