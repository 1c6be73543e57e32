import { fields, items, readMeta, text } from "./lenient.ts";

/** Who may refer to what in the grant's namespace (Gateway API "ReferenceGrant"). */
export interface ReferenceGrantInput {
  readonly namespace: string;
  readonly name: string;
  readonly from: readonly { readonly group: string; readonly kind: string; readonly namespace: string }[];
  /** Empty name: all of the kind. */
  readonly to: readonly { readonly group: string; readonly kind: string; readonly name: string }[];
}

/** Reads a ReferenceGrant. */
export function readReferenceGrant(object: unknown): ReferenceGrantInput {
  const { namespace, name } = readMeta(object);
  const spec = fields(fields(object)["spec"]);
  return {
    namespace,
    name,
    from: items(spec["from"])
      .map(fields)
      .map((entry) => ({
        group: text(entry["group"]),
        kind: text(entry["kind"]),
        namespace: text(entry["namespace"]),
      })),
    to: items(spec["to"])
      .map(fields)
      .map((entry) => ({ group: text(entry["group"]), kind: text(entry["kind"]), name: text(entry["name"]) })),
  };
}
