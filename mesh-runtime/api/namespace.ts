/** core/v1 Namespace: schema and type. */
import type * as z from "zod";
import { keyed, list, str, struct, word } from "./schema/builders.ts";
import { condition, object } from "./schema/object-meta.ts";

export const namespaceSchema = object(
  "Namespace",
  "v1",
  "v1.Namespace",
  {},
  {
    spec: struct("v1.NamespaceSpec", {}, { finalizers: list(str({ goType: "v1.FinalizerName" })) }).describe(
      "What must be done before the namespace can go.",
    ),
    status: struct(
      "v1.NamespaceStatus",
      {},
      {
        phase: word(["Active", "Terminating"], { goType: "v1.NamespacePhase" }).describe("Active or Terminating."),
        conditions: keyed(condition, ["type"], {
          "x-kubernetes-patch-merge-key": "type",
          "x-kubernetes-patch-strategy": "merge",
        }),
      },
    ),
  },
);

export type Namespace = z.infer<typeof namespaceSchema>;
