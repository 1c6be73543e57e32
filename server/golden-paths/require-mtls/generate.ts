import type { IntentOf } from "../intent.ts";
import { managed, type Rendered } from "../resource.ts";

/** One PeerAuthentication a namespace; in the root namespace it acts on the mesh (`resources.md` §2). */
export function generateRequireMtls(intents: readonly IntentOf<"require-mtls">[]): Rendered[] {
  return intents.map((intent) =>
    managed("PeerAuthentication", intent.namespace, "default", [intent], { mtls: { mode: "STRICT" } }),
  );
}
