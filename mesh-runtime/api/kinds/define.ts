/** From a short declaration to a whole KindDefinition, for built-in and custom kinds. */
import type * as z from "zod";
import type { AdmissionContext, AdmissionVerdict, KindDefinition, PrinterColumn, ScaleSubresource } from "../kind.ts";
import type { KubeObject } from "../meta.ts";
import { check } from "../schema/check.ts";
import { fillDefaults } from "../schema/prune.ts";
import { structuralOf } from "../schema/structural-of.ts";
import type { FieldError, Status } from "../status.ts";
import { goText, invalid } from "../validation/field-errors.ts";
import { type NameCheck, validateMetadata, validateMetadataUpdate } from "../validation/metadata.ts";
import { dnsSubdomain } from "../validation/names.ts";

/** What every kind says of itself. */
interface Identity<T extends KubeObject> {
  readonly group: string;
  readonly version: string;
  readonly kind: T["kind"] & string;
  readonly plural: string;
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
  /** True when left out. */
  readonly namespaced?: boolean;
  readonly schema: z.ZodType<T>;
  readonly hasStatus?: boolean;
  readonly scale?: ScaleSubresource;
  readonly columns: readonly PrinterColumn[];
}

export interface NativeDeclaration<T extends KubeObject> extends Identity<T> {
  /** Form of the name; an RFC 1123 subdomain when left out. */
  readonly name?: NameCheck;
  readonly createOnUpdate?: boolean;
  readonly generationFields?: readonly string[];
  readonly defaults?: (object: T) => T;
  readonly prepare?: (object: T, old: T | undefined, context: AdmissionContext) => T;
  readonly refuse?: (object: T, old: T | undefined, context: AdmissionContext) => Status | undefined;
  /** Beyond metadata. */
  readonly validate?: (object: T, old: T | undefined) => readonly FieldError[];
  readonly warnings?: (object: T) => readonly string[];
  readonly finish?: (object: T, old: T | undefined, context: AdmissionContext) => T;
}

/** A kind that is built into Kubernetes. */
export function nativeKind<T extends KubeObject>(declaration: NativeDeclaration<T>): KindDefinition {
  const d = declaration;
  const base = identity(d);
  const schema = memo(() => structuralOf(d.schema));
  const checkName = d.name ?? dnsSubdomain;
  return {
    ...base,
    get schema() {
      return schema();
    },
    served: [d.version],
    native: true,
    createOnUpdate: d.createOnUpdate ?? false,
    generationFields: d.generationFields ?? [],
    defaults: (object) => d.defaults?.(object as T) ?? object,
    prepare: (object, old, context) => {
      const kept = old !== undefined && d.hasStatus ? { ...object, status: (old as WithStatus).status } : object;
      return d.prepare?.(kept as T, old as T | undefined, context) ?? kept;
    },
    refuse: (object, old, context) => d.refuse?.(object as T, old as T | undefined, context),
    finish: (object, old, context) => d.finish?.(object as T, old as T | undefined, context) ?? object,
    validate: (object, old) => [
      ...validateMetadata(object.metadata ?? {}, base.namespaced, checkName),
      ...(old === undefined ? [] : validateMetadataUpdate(object.metadata ?? {}, old.metadata ?? {})),
      ...(d.validate?.(object as T, old as T | undefined) ?? []),
    ],
    validateStatus: (object, old) => validateMetadataUpdate(object.metadata ?? {}, old.metadata ?? {}),
    admit: (object) => ({ warnings: d.warnings?.(object as T) ?? [] }),
  };
}

export interface CustomDeclaration<T extends KubeObject> extends Identity<T> {
  readonly served: readonly string[];
  /** What a validating webhook says. */
  readonly admit?: (object: T) => AdmissionVerdict;
}

/** A kind that a cluster has from a CustomResourceDefinition. */
export function customKind<T extends KubeObject>(declaration: CustomDeclaration<T>): KindDefinition {
  const d = declaration;
  const base = identity(d);
  const schema = memo(() => structuralOf(d.schema));
  // Metadata has rules of its own.
  const bodySchema = memo(() => {
    const { apiVersion, kind, metadata, ...properties } = schema().properties ?? {};
    return { ...schema(), properties };
  });
  const statusSchema = memo(() => {
    const { status } = schema().properties ?? {};
    return { type: "object", properties: status ? { status } : {} } as const;
  });
  const needsVersion = (object: KubeObject) =>
    object.metadata?.resourceVersion
      ? []
      : [invalid("metadata.resourceVersion", goText("0x0"), "must be specified for an update")];
  return {
    ...base,
    get schema() {
      return schema();
    },
    served: d.served,
    native: false,
    createOnUpdate: false,
    generationFields: ["spec"],
    defaults: (object) => fillDefaults(schema(), object),
    prepare: (object, old) => {
      const { status, ...rest } = object as WithStatus;
      const kept = old === undefined ? undefined : (old as WithStatus).status;
      return fillDefaults(schema(), kept === undefined ? rest : ({ ...rest, status: kept } as KubeObject));
    },
    validate: (object, old) => [
      ...validateMetadata(object.metadata ?? {}, base.namespaced, dnsSubdomain),
      ...(old === undefined
        ? []
        : [...validateMetadataUpdate(object.metadata ?? {}, old.metadata ?? {}), ...needsVersion(object)]),
      ...check(bodySchema(), object, old),
    ],
    validateStatus: (object, old) => [
      ...validateMetadataUpdate(object.metadata ?? {}, old.metadata ?? {}),
      ...check(statusSchema(), object, old),
    ],
    admit: (object) => d.admit?.(object as T) ?? { warnings: [] },
  };
}

type WithStatus = KubeObject & { status?: unknown };

function identity<T extends KubeObject>(d: Identity<T>) {
  return {
    group: d.group,
    version: d.version,
    kind: d.kind,
    listKind: `${d.kind}List`,
    plural: d.plural,
    singular: d.kind.toLowerCase(),
    shortNames: d.shortNames ?? [],
    categories: d.categories ?? [],
    namespaced: d.namespaced ?? true,
    hasStatus: d.hasStatus ?? false,
    ...(d.scale ? { scale: d.scale } : {}),
    columns: d.columns,
  };
}

function memo<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
