import type { Quantity } from "./format.ts";

/** A number with its dimmed unit. */
export function Figure({ of: { value, unit } }: { readonly of: Quantity }) {
  return (
    <>
      {value}
      {unit !== "" && <span className="unit">{unit}</span>}
    </>
  );
}
