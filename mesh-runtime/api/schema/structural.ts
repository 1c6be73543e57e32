/**
 * A structural schema: the OpenAPI v3 subset that Kubernetes serves, prunes and merges by. It is data except for
 * `validations`, whose `check`s are what CEL rules are in a cluster.
 */

/** A rule over one node and what is under it; runs when the schema itself is satisfied. */
export interface Rule {
  /** The CEL text as published in OpenAPI. */
  readonly rule?: string;
  readonly message: string;
  /** Cause reason; CEL's default is FieldValueInvalid. */
  readonly reason?: "FieldValueInvalid" | "FieldValueForbidden" | "FieldValueRequired" | "FieldValueDuplicate";
  /** Reported under this path below the node. */
  readonly fieldPath?: string;
  /** True when the value is fine. `old` is given to transition rules only. */
  readonly check: (value: never, old: never) => boolean;
  /** Runs only when an old value exists. */
  readonly transition?: boolean;
}

export interface Structural {
  readonly type?: "object" | "array" | "string" | "integer" | "number" | "boolean";
  readonly description?: string;
  readonly format?: string;
  readonly properties?: Readonly<Record<string, Structural>>;
  readonly required?: readonly string[];
  /** A map's values. */
  readonly additionalProperties?: Structural;
  readonly items?: Structural;
  readonly enum?: readonly (string | number)[];
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly minProperties?: number;
  readonly maxProperties?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly default?: unknown;
  readonly nullable?: boolean;
  /** Groups of fields of which at most one may be there: `oneOf` over `required`, as protobuf's oneof is published. */
  readonly exclusive?: readonly (readonly string[])[];
  readonly "x-kubernetes-list-type"?: "atomic" | "set" | "map";
  readonly "x-kubernetes-list-map-keys"?: readonly string[];
  readonly "x-kubernetes-map-type"?: "atomic" | "granular";
  readonly "x-kubernetes-int-or-string"?: boolean;
  readonly "x-kubernetes-preserve-unknown-fields"?: boolean;
  /** Strategic merge patch: key and strategy of a list (`merge`, `retainKeys`, comma-separated). */
  readonly "x-kubernetes-patch-merge-key"?: string;
  readonly "x-kubernetes-patch-strategy"?: string;
  /** Go's name of the type, for decoding errors of built-in kinds: `v1.ServicePort`, `int32`. Not published. */
  readonly goType?: string;
  /** Not published as functions: OpenAPI gets `rule` and `message`. */
  readonly validations?: readonly Rule[];
}
