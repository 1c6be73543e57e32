/** Forms about namespaces or the whole mesh. */
import * as z from "zod";
import { dnsLabel } from "../names.ts";

const namespaces = z.array(dnsLabel).max(200);

/** Where a path acts: in the namespaces that are named, or in the whole mesh (platform engineers only). */
const scoped = { scope: z.enum(["namespaces", "mesh"]).default("namespaces"), namespaces: namespaces.default([]) };
const oneNamespace = (form: { scope: string; namespaces: readonly string[] }): boolean =>
  form.scope === "mesh" || form.namespaces.length > 0;
const oneNamespaceMessage = { message: "Choose at least one namespace", path: ["namespaces"] };

/** Join the mesh: capture the traffic of every pod of a namespace. `enrolled: false` leaves it again. */
export const joinTheMeshForm = z.strictObject({
  namespaces: namespaces.min(1, "Choose at least one namespace"),
  enrolled: z.boolean().default(true),
});
export type JoinTheMeshForm = z.infer<typeof joinTheMeshForm>;

/** Require mutual TLS: plain text is refused. `required: false` takes the rule away. */
export const requireMtlsForm = z
  .strictObject({ ...scoped, required: z.boolean().default(true) })
  .refine(oneNamespace, oneNamespaceMessage);
export type RequireMtlsForm = z.infer<typeof requireMtlsForm>;

/** Give namespaces a waypoint, through which all calls to their services go. `given: false` takes it away. */
export const giveAWaypointForm = z.strictObject({
  namespaces: namespaces.min(1, "Choose at least one namespace"),
  /** Pods of each waypoint. */
  replicas: z.int().min(1).max(10).default(1),
  given: z.boolean().default(true),
});
export type GiveAWaypointForm = z.infer<typeof giveAWaypointForm>;

/** Lock down: deny what no rule allows. `locked: false` takes the rule away. */
export const lockDownForm = z
  .strictObject({
    ...scoped,
    locked: z.boolean().default(true),
    /** Where a gateway is covered, first let anyone call its hosts, so that the edge stays reachable. */
    keepGatewaysOpen: z.boolean().default(true),
  })
  .refine(oneNamespace, oneNamespaceMessage);
export type LockDownForm = z.infer<typeof lockDownForm>;
