import type { Inventory } from "@/server/inventory/model.ts";
import { type IntentSet, intentsOf } from "./intent.ts";
import { generateJoin } from "./join-the-mesh/path.ts";
import { generateCallers } from "./let-a-caller-in/generate.ts";
import { generateLockDown } from "./lock-down/generate.ts";
import { generateRequireMtls } from "./require-mtls/path.ts";
import { type Rendered, refOf, resourceKey } from "./resource.ts";

/** All resources of a set of intents, by `resourceKey`: intents of one target compose. Pure. */
export function render(intents: IntentSet, inventory: Inventory): ReadonlyMap<string, Rendered> {
  const resources = [
    ...generateJoin(intentsOf(intents, "join-the-mesh")),
    ...generateRequireMtls(intentsOf(intents, "require-mtls")),
    ...generateLockDown(intentsOf(intents, "lock-down"), inventory),
    ...generateCallers(intentsOf(intents, "let-a-caller-in"), inventory),
  ];
  return new Map(resources.map((resource) => [resourceKey(refOf(resource)), resource]));
}
