/** Validation of `metadata`, as apimachinery's `ValidateObjectMeta` and `ValidateObjectMetaUpdate`. */
import type { ObjectMeta, OwnerReference } from "../meta.ts";
import { parseApiVersion } from "../meta.ts";
import type { FieldError } from "../status.ts";
import { forbidden, goText, invalid, required, tooLong } from "./field-errors.ts";
import { dnsLabel, labelValue, qualifiedName } from "./names.ts";

/** Bytes of all annotations of an object. */
export const maxAnnotationBytes = 256 * 1024;

const encoder = new TextEncoder();
const standardFinalizers = new Set(["kubernetes", "orphan", "foregroundDeletion"]);

/** Checks a name of the kind; `generate` is true for a prefix, whose last dash is cut. */
export type NameCheck = (name: string) => readonly string[];

export function validateMetadata(meta: ObjectMeta, namespaced: boolean, checkName: NameCheck): FieldError[] {
  const errors: FieldError[] = [];
  if (meta.generateName) {
    const prefix = meta.generateName.replace(/-$/, "a");
    errors.push(...checkName(prefix).map((text) => invalid("metadata.generateName", meta.generateName ?? "", text)));
  }
  if (!meta.name) {
    errors.push(required("metadata.name", "name or generateName is required"));
  } else {
    const { name } = meta;
    errors.push(...checkName(name).map((text) => invalid("metadata.name", name, text)));
  }
  if (namespaced) {
    if (!meta.namespace) {
      errors.push(required("metadata.namespace"));
    } else {
      const { namespace } = meta;
      errors.push(...dnsLabel(namespace).map((text) => invalid("metadata.namespace", namespace, text)));
    }
  } else if (meta.namespace) {
    errors.push(forbidden("metadata.namespace", "not allowed on this type"));
  }
  errors.push(...validateLabels(meta.labels, "metadata.labels"));
  errors.push(...validateAnnotations(meta.annotations, "metadata.annotations"));
  errors.push(...validateOwners(meta.ownerReferences ?? []));
  errors.push(...validateFinalizers(meta.finalizers ?? []));
  return errors;
}

export function validateLabels(labels: Readonly<Record<string, string>> | undefined, field: string): FieldError[] {
  return Object.entries(labels ?? {}).flatMap(([key, value]) => [
    ...qualifiedName(key).map((text) => invalid(field, key, text)),
    ...labelValue(value).map((text) => invalid(field, value, text)),
  ]);
}

export function validateAnnotations(
  annotations: Readonly<Record<string, string>> | undefined,
  field: string,
): FieldError[] {
  const entries = Object.entries(annotations ?? {});
  const errors = entries.flatMap(([key]) => qualifiedName(key.toLowerCase()).map((text) => invalid(field, key, text)));
  const bytes = entries.reduce(
    (sum, [key, value]) => sum + encoder.encode(key).length + encoder.encode(value).length,
    0,
  );
  return bytes > maxAnnotationBytes ? [...errors, tooLong(field, maxAnnotationBytes)] : errors;
}

/** A finalizer is `<domain>/<name>` or one of Kubernetes' own. */
export function finalizerErrors(name: string, field: string): FieldError[] {
  const errors = qualifiedName(name).map((text) => invalid(field, name, text));
  return errors.length === 0 && !name.includes("/") && !standardFinalizers.has(name)
    ? [invalid(field, name, "name is neither a standard finalizer name nor is it fully qualified")]
    : errors;
}

function validateFinalizers(finalizers: readonly string[]): FieldError[] {
  const errors = finalizers.flatMap((name, i) => finalizerErrors(name, `metadata.finalizers[${i}]`));
  return finalizers.includes("orphan") && finalizers.includes("foregroundDeletion")
    ? [
        ...errors,
        invalid(
          "metadata.finalizers",
          goText(`[]string{${finalizers.map((name) => JSON.stringify(name)).join(", ")}}`),
          "finalizer orphan and foregroundDeletion cannot be both set",
        ),
      ]
    : errors;
}

function validateOwners(owners: readonly OwnerReference[]): FieldError[] {
  const field = "metadata.ownerReferences";
  const errors: FieldError[] = [];
  let controller: OwnerReference | undefined;
  for (const owner of owners) {
    if (!parseApiVersion(owner.apiVersion ?? "")) {
      errors.push(invalid(`${field}.apiVersion`, owner.apiVersion ?? "", "version must not be empty"));
    }
    for (const part of ["kind", "name", "uid"] as const) {
      if (!owner[part]) {
        errors.push(invalid(`${field}.${part}`, owner[part] ?? "", "must not be empty"));
      }
    }
    if (!owner.controller) {
      continue;
    }
    if (controller !== undefined) {
      errors.push(
        invalid(
          field,
          goText(`[]v1.OwnerReference{${owners.map(goOwner).join(", ")}}`),
          `Only one reference can have Controller set to true. Found "true" in references for ${controller.kind}/${controller.name} and ${owner.kind}/${owner.name}`,
        ),
      );
    }
    controller ??= owner;
  }
  return errors;
}

function goOwner(owner: OwnerReference): string {
  const pointer = (value: boolean | undefined) => (value === undefined ? "(nil)" : "(0xc000000001)");
  return `v1.OwnerReference{APIVersion:${JSON.stringify(owner.apiVersion)}, Kind:${JSON.stringify(owner.kind)}, Name:${JSON.stringify(owner.name)}, UID:${JSON.stringify(owner.uid)}, Controller:(*bool)${pointer(owner.controller)}, BlockOwnerDeletion:(*bool)${pointer(owner.blockOwnerDeletion)}}`;
}

/** What may not change about an object once it is stored. */
export function validateMetadataUpdate(meta: ObjectMeta, old: ObjectMeta): FieldError[] {
  const errors: FieldError[] = [];
  for (const field of ["name", "namespace", "uid", "creationTimestamp"] as const) {
    if ((meta[field] ?? "") !== (old[field] ?? "")) {
      errors.push(invalid(`metadata.${field}`, meta[field] ?? "", "field is immutable"));
    }
  }
  if ((meta.deletionTimestamp ?? "") !== (old.deletionTimestamp ?? "")) {
    errors.push(invalid("metadata.deletionTimestamp", meta.deletionTimestamp ?? "", "field is immutable"));
  }
  const added = (meta.finalizers ?? []).filter((name) => !(old.finalizers ?? []).includes(name));
  if (old.deletionTimestamp && added.length > 0) {
    const texts = added.map((name) => JSON.stringify(name)).join(", ");
    errors.push(
      forbidden(
        "metadata.finalizers",
        `no new finalizers can be added if the object is being deleted, found new finalizers []string{${texts}}`,
      ),
    );
  }
  return errors;
}
