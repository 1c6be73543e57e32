/** gateway.networking.k8s.io/v1beta1 ReferenceGrant: schema and type. */
import type * as z from "zod";
import { group, kind, namespace, objectName } from "./gateway-api/names.ts";
import { list, struct } from "./schema/builders.ts";
import { object } from "./schema/object-meta.ts";

const referenceGrantSpec = struct(
  "v1beta1.ReferenceGrantSpec",
  {
    from: list(struct("v1beta1.ReferenceGrantFrom", { group: group(), kind: kind(), namespace: namespace() }, {}), {
      minItems: 1,
      maxItems: 16,
    }).describe("Who may refer to objects here."),
    to: list(
      struct(
        "v1beta1.ReferenceGrantTo",
        { group: group(), kind: kind() },
        { name: objectName().describe("One object; all of the kind by default.") },
      ),
      { minItems: 1, maxItems: 16 },
    ).describe("What may be referred to."),
  },
  {},
);

export const referenceGrantSchema = object(
  "ReferenceGrant",
  "gateway.networking.k8s.io/v1beta1",
  "v1beta1.ReferenceGrant",
  {},
  { spec: referenceGrantSpec.describe("Which references from other namespaces are allowed.") },
);

export type ReferenceGrant = z.infer<typeof referenceGrantSchema>;
