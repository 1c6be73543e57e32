/** core/v1 ServiceAccount: schema and type. */
import type * as z from "zod";
import { bool, keyed, list, mergedBy, str, struct } from "./schema/builders.ts";
import { object } from "./schema/object-meta.ts";

/** `core/v1.ObjectReference`, all parts optional. */
export const objectReference = struct(
  "v1.ObjectReference",
  {},
  {
    kind: str(),
    namespace: str(),
    name: str(),
    uid: str({ goType: "types.UID" }),
    apiVersion: str(),
    resourceVersion: str(),
    fieldPath: str(),
  },
  { "x-kubernetes-map-type": "atomic" },
);

/** `core/v1.LocalObjectReference`: an object of the same namespace. */
export const localObjectReference = struct(
  "v1.LocalObjectReference",
  {},
  { name: str({ default: "" }) },
  { "x-kubernetes-map-type": "atomic" },
);

export const serviceAccountSchema = object(
  "ServiceAccount",
  "v1",
  "v1.ServiceAccount",
  {},
  {
    secrets: keyed(objectReference, ["name"], mergedBy("name")).describe("Secrets that pods of this account may use."),
    imagePullSecrets: list(localObjectReference).describe("Secrets to pull images with."),
    automountServiceAccountToken: bool().describe("Whether pods of this account get a token mounted."),
  },
);

export type ServiceAccount = z.infer<typeof serviceAccountSchema>;
