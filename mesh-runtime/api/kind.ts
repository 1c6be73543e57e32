/** What a kind declares. Everything that serves, validates, prints or documents a kind reads only this. */
import type { KubeObject } from "./meta.ts";
import type { Structural } from "./schema/structural.ts";
import type { ServiceAccount } from "./serviceaccount.ts";
import type { FieldError, Status } from "./status.ts";

/** A column of `kubectl get`. */
export interface PrinterColumn {
  readonly name: string;
  readonly type: "string" | "integer" | "boolean" | "date";
  /** `name` marks the column that `-o name` like consumers take as the name. */
  readonly format?: "name";
  readonly description: string;
  /** 0 is always shown, more only with `-o wide`. */
  readonly priority: number;
  /** The cell's value. Times are given as ages (`5m`), so `now` is passed in. */
  readonly cell: (object: KubeObject, now: Date) => string | number | boolean | null;
}

/** JSON paths (`.spec.replicas`) of the `scale` subresource. */
export interface ScaleSubresource {
  readonly specReplicasPath: string;
  readonly statusReplicasPath: string;
  readonly labelSelectorPath: string;
}

/** What admission says beyond validation. A refusal is the text after `denied the request: `. */
export interface AdmissionVerdict {
  readonly refusal?: string;
  readonly warnings: readonly string[];
}

/**
 * One kind at one group. All functions are pure and never change their arguments; `object` has passed the structural
 * schema (types are right), so implementations may cast it to the kind's interface.
 */
export interface KindDefinition {
  readonly group: string;
  /** The storage version. */
  readonly version: string;
  /** All served versions, preferred first; they share one schema. */
  readonly served: readonly string[];
  readonly kind: string;
  readonly listKind: string;
  readonly plural: string;
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly namespaced: boolean;
  /**
   * Built into Kubernetes. Decides strictness and texts of decoding errors, whether strategic merge patches work
   * (custom kinds take merge and JSON patches only), and whether a PUT needs a resourceVersion (custom kinds do).
   */
  readonly native: boolean;
  /** The `status` subresource: if present, writes to the object ignore `status`, writes to status ignore the rest. */
  readonly hasStatus: boolean;
  readonly scale?: ScaleSubresource;
  /** True when the main resource may be created by PUT or apply under a name that does not exist. */
  readonly createOnUpdate: boolean;
  /** Dotted paths (`spec`, `metadata.annotations`) whose change raises metadata.generation; none: it has no generation. */
  readonly generationFields: readonly string[];
  /** The whole object, metadata included. Built on first use. */
  readonly schema: Structural;
  /** Fills defaults. Idempotent. */
  readonly defaults: (object: KubeObject) => KubeObject;
  /**
   * Strategy and built-in mutating admission: clears what a client may not set, copies what it may not change.
   * `old` is undefined on create.
   */
  readonly prepare: (object: KubeObject, old: KubeObject | undefined, context: AdmissionContext) => KubeObject;
  /** A refusal before validation that depends on other objects, such as a missing ServiceAccount. */
  readonly refuse?: (object: KubeObject, old: KubeObject | undefined, context: AdmissionContext) => Status | undefined;
  /** Everything wrong with the object (metadata, schema, rules), or with the change from `old`. */
  readonly validate: (object: KubeObject, old?: KubeObject) => readonly FieldError[];
  /** The same for a write to the status subresource. */
  readonly validateStatus: (object: KubeObject, old: KubeObject) => readonly FieldError[];
  /** What `validation.istio.io` says, and warnings. */
  readonly admit: (object: KubeObject, old?: KubeObject) => AdmissionVerdict;
  /** The last step, when everything is accepted: allocates what the object needs (addresses, ports). */
  readonly finish?: (object: KubeObject, old: KubeObject | undefined, context: AdmissionContext) => KubeObject;
  readonly columns: readonly PrinterColumn[];
}

/**
 * What admission must know of the world, given by whoever calls. All optional: without it nothing is looked up, and
 * nothing is allocated.
 */
export interface AdmissionContext {
  /** Undefined from the function refuses a Pod: its ServiceAccount is missing. */
  readonly serviceAccount?: (namespace: string, name: string) => ServiceAccount | undefined;
  /** Five characters of `bcdfghjklmnpqrstvwxz2456789`, for generated names. */
  readonly random?: () => string;
  /** A free address of the service range. Throws when `wished` is taken or out of range. */
  readonly allocateClusterIp?: (wished?: string) => string;
  /** A free port of the node port range. */
  readonly allocateNodePort?: (wished?: number) => number;
}
