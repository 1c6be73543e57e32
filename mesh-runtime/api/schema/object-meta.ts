/** zod declarations of what `meta.ts` describes, and of small types that many kinds share. */
import type * as z from "zod";
import type { LabelSelector, ObjectMeta } from "../meta.ts";
import { anything, bool, dict, int64, keyed, list, oneOf, set, str, struct, time, word } from "./builders.ts";

const ownerReference = struct(
  "v1.OwnerReference",
  {
    apiVersion: str().describe("Group and version of the owner."),
    kind: str().describe("Kind of the owner."),
    name: str().describe("Name of the owner, in the same namespace or cluster-wide."),
    uid: str({ goType: "types.UID" }).describe("The very owner, whatever later has its name."),
  },
  {
    controller: bool().describe("The owner manages this object. At most one does."),
    blockOwnerDeletion: bool().describe("The owner stays until this object is gone, where it is deleted so."),
  },
  { "x-kubernetes-map-type": "atomic" },
);

const managedFieldsEntry = struct(
  "v1.ManagedFieldsEntry",
  {},
  {
    manager: str(),
    operation: word(["Apply", "Update"], { goType: "v1.ManagedFieldsOperationType" }),
    apiVersion: str(),
    time: time(),
    fieldsType: word(["FieldsV1"]),
    fieldsV1: anything({ goType: "v1.FieldsV1" }),
    subresource: str(),
  },
);

/** `metav1.ObjectMeta`. */
export const objectMeta: z.ZodType<ObjectMeta> = struct(
  "v1.ObjectMeta",
  {},
  {
    name: str().describe("Unique within a namespace (cluster-wide kinds: within the cluster). Cannot be changed."),
    generateName: str().describe("A prefix for a generated name, used when `name` is empty."),
    namespace: str().describe("The space within which the name is unique. Cannot be changed."),
    uid: str({ goType: "types.UID" }).describe("Unique in time and space. Set by the server."),
    resourceVersion: str().describe("Opaque version, for optimistic concurrency and watches. Set by the server."),
    generation: int64().describe("Grows when the desired state changes. Set by the server."),
    creationTimestamp: time({ nullable: true }).describe("When the server stored the object first."),
    deletionTimestamp: time().describe("When deletion was asked for; finalizers may hold the object longer."),
    deletionGracePeriodSeconds: int64().describe("Seconds to end gracefully after deletion was asked for."),
    labels: dict(str()).describe("Keys and values to select and group objects by."),
    annotations: dict(str()).describe("Keys and values that tools keep with the object; not for selection."),
    ownerReferences: keyed(ownerReference, ["uid"], {
      "x-kubernetes-patch-merge-key": "uid",
      "x-kubernetes-patch-strategy": "merge",
    }).describe("Objects this one depends on; when all are gone it is collected."),
    finalizers: set(str(), { "x-kubernetes-patch-strategy": "merge" }).describe(
      "Must be empty before the object is removed; each entry is taken out by its controller.",
    ),
    managedFields: list(managedFieldsEntry).describe("Which field manager wrote which fields."),
    selfLink: str().describe("Not set any more."),
  },
) as unknown as z.ZodType<ObjectMeta>;

/** `metav1.LabelSelector`. */
export const labelSelector: z.ZodType<LabelSelector> = struct(
  "v1.LabelSelector",
  {},
  {
    matchLabels: dict(str()).describe("Labels that an object must have."),
    matchExpressions: list(
      struct(
        "v1.LabelSelectorRequirement",
        {
          key: str(),
          operator: word(["In", "NotIn", "Exists", "DoesNotExist"], { goType: "v1.LabelSelectorOperator" }),
        },
        { values: list(str()) },
      ),
    ).describe("Requirements that an object must meet."),
  },
  { "x-kubernetes-map-type": "atomic" },
) as unknown as z.ZodType<LabelSelector>;

/** `metav1.Condition` as custom kinds of the Gateway API carry it. */
export const gatewayCondition = struct(
  "v1.Condition",
  {
    type: str({
      maxLength: 316,
      pattern:
        "^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/)?(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])$",
    }),
    status: oneOf(["True", "False", "Unknown"]),
    reason: str({ minLength: 1, maxLength: 1024, pattern: "^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$" }),
    message: str({ maxLength: 32768 }),
    lastTransitionTime: time(),
  },
  { observedGeneration: int64({ minimum: 0 }) },
);

/** `metav1.Condition` as built-in kinds carry it. */
export const condition = struct(
  "v1.Condition",
  { type: str(), status: word(["True", "False", "Unknown"], { goType: "v1.ConditionStatus" }) },
  { reason: str(), message: str(), lastTransitionTime: time(), observedGeneration: int64() },
);

/** Declares a whole kind. `metadata` is there in every object that the API gives. */
export function object<
  K extends string,
  V extends string,
  R extends Record<string, z.ZodType> = Record<never, never>,
  O extends Record<string, z.ZodType> = Record<never, never>,
>(kind: K, apiVersion: V, goType: string, required: R, optional: O) {
  const schema = struct(goType, required, {
    apiVersion: word([apiVersion]).describe("Version of the schema of this object."),
    kind: word([kind]).describe("Kind of this object."),
    metadata: objectMeta.clone().describe("Name, labels, annotations and what the server keeps about the object."),
    ...optional,
  });
  type Fields = z.infer<z.ZodObject<R & { [P in keyof O]: z.ZodOptional<O[P]> }, z.core.$strip>>;
  return schema as unknown as z.ZodType<{ apiVersion: V; kind: K; metadata: ObjectMeta } & Fields>;
}
