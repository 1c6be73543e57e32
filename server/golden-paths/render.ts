import type { Inventory } from "@/server/inventory/model.ts";
import { generateWaypoints } from "./give-a-waypoint/generate.ts";
import { type IntentSet, intentsOf } from "./intent.ts";
import { generateJoin } from "./join-the-mesh/path.ts";
import { generateCallers } from "./let-a-caller-in/generate.ts";
import { generateLockDown } from "./lock-down/generate.ts";
import { mergeRendered } from "./merge-rendered.ts";
import { generateRequireMtls } from "./require-mtls/path.ts";
import type { Rendered } from "./resource.ts";
import { type Surroundings, surroundingsOf } from "./surroundings.ts";

/** Each writes what its intents need; parts of one object are merged afterwards. */
const generators: readonly ((surroundings: Surroundings) => readonly Rendered[])[] = [
  ({ intents }) => generateJoin(intentsOf(intents, "join-the-mesh")),
  ({ intents }) => generateRequireMtls(intentsOf(intents, "require-mtls")),
  generateWaypoints,
  generateLockDown,
  generateCallers,
];

/** All resources of a set of intents, by `resourceKey`: intents of one target compose. Pure. */
export function render(intents: IntentSet, inventory: Inventory): ReadonlyMap<string, Rendered> {
  const surroundings = surroundingsOf(intents, inventory);
  return mergeRendered(generators.flatMap((generate) => generate(surroundings)));
}
