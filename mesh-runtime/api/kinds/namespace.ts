/** core/v1 Namespace: behaviour. */
import { type Namespace, namespaceSchema } from "../namespace.ts";
import type { FieldError } from "../status.ts";
import { finalizerErrors } from "../validation/metadata.ts";
import { dnsLabel } from "../validation/names.ts";
import { ageColumn, column, nameColumn } from "./columns.ts";
import { nativeKind } from "./define.ts";

/** The label by which network rules select a namespace by name; always correct. */
export const namespaceNameLabel = "kubernetes.io/metadata.name";

export const namespaceKind = nativeKind<Namespace>({
  group: "",
  version: "v1",
  kind: "Namespace",
  plural: "namespaces",
  shortNames: ["ns"],
  namespaced: false,
  schema: namespaceSchema,
  hasStatus: true,
  name: dnsLabel,
  defaults: (namespace) => {
    const { name } = namespace.metadata;
    return name
      ? {
          ...namespace,
          metadata: { ...namespace.metadata, labels: { ...namespace.metadata.labels, [namespaceNameLabel]: name } },
        }
      : namespace;
  },
  prepare: (namespace, old) => {
    if (old !== undefined) {
      return { ...namespace, ...(old.spec ? { spec: { ...namespace.spec, finalizers: old.spec.finalizers } } : {}) };
    }
    const finalizers = namespace.spec?.finalizers ?? [];
    return {
      ...namespace,
      spec: {
        ...namespace.spec,
        finalizers: finalizers.includes("kubernetes") ? finalizers : [...finalizers, "kubernetes"],
      },
      status: { phase: "Active" },
    };
  },
  validate: (namespace): FieldError[] =>
    (namespace.spec?.finalizers ?? []).flatMap((name) => finalizerErrors(name, "spec.finalizers")),
  columns: [nameColumn, column("Status", (namespace: Namespace) => namespace.status?.phase ?? ""), ageColumn],
});
