/** What admission says of a spec: the end of its message, and warnings. */
import { admit } from "../admission.ts";
import type { KindDefinition } from "../kind.ts";
import type { ObjectMeta } from "../meta.ts";

export interface Said {
  /** Empty when the spec is accepted. */
  readonly refusal: string;
  readonly warnings: readonly string[];
}

export function verdictOf(kind: KindDefinition, spec: object, metadata: ObjectMeta = {}): Said {
  const result = admit({
    kind,
    operation: "create",
    object: { metadata: { name: "x", ...metadata }, spec },
    namespace: "web",
    fieldValidation: "Strict",
  });
  const message = result.ok ? "" : (result.status.message ?? "");
  const [, said = message] = /denied the request: (?:configuration is invalid: )?([\s\S]*)$/.exec(message) ?? [];
  return { refusal: said, warnings: result.warnings };
}
