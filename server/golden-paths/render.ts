import type { Inventory } from "@/server/inventory/model.ts";
import { generateGuards } from "./access/generate-guards.ts";
import { generateDestinations } from "./allow-a-destination/generate.ts";
import { generateAuthorizers } from "./ask-an-authorizer/generate.ts";
import { generateBlocks } from "./block-a-caller/generate.ts";
import { generateDestinationRules } from "./destination-rules/generate.ts";
import { generateExposures } from "./expose-to-the-outside/generate.ts";
import { generateWaypoints } from "./give-a-waypoint/generate.ts";
import { type IntentSet, intentsOf } from "./intent.ts";
import { generateJoin } from "./join-the-mesh/path.ts";
import { generateCallers } from "./let-a-caller-in/generate.ts";
import { generateLockDown } from "./lock-down/generate.ts";
import { mergeRendered } from "./merge-rendered.ts";
import { generateZonePreferences } from "./prefer-the-zone/generate.ts";
import { generateRateLimits } from "./rate-limit/generate.ts";
import { generateToldCallers } from "./release-a-version/told-callers.ts";
import { generateRequireMtls } from "./require-mtls/generate.ts";
import { generateSignIn } from "./require-sign-in/generate.ts";
import type { Rendered } from "./resource.ts";
import { generateServiceRoutes } from "./service-routes/generate.ts";
import { generateVersionServices } from "./service-routes/version-services.ts";
import { type Surroundings, surroundingsOf } from "./surroundings.ts";
import { generateIngressLabels } from "./waypoint/generate-ingress-label.ts";

/** Each writes what its intents need; parts of one object are merged afterwards. */
const generators: readonly ((surroundings: Surroundings) => readonly Rendered[])[] = [
  ({ intents }) => generateJoin(intentsOf(intents, "join-the-mesh")),
  ({ intents }) => generateRequireMtls(intentsOf(intents, "require-mtls")),
  generateWaypoints,
  generateLockDown,
  generateGuards,
  generateCallers,
  generateBlocks,
  generateSignIn,
  generateAuthorizers,
  generateIngressLabels,
  generateExposures,
  generateDestinations,
  generateVersionServices,
  generateToldCallers,
  generateServiceRoutes,
  generateDestinationRules,
  generateRateLimits,
  generateZonePreferences,
];

/** What each generator writes, before parts of one object become one. Pure. */
export function renderParts(intents: IntentSet, inventory: Inventory): readonly Rendered[] {
  const surroundings = surroundingsOf(intents, inventory);
  return generators.flatMap((generate) => generate(surroundings));
}

/** All resources of a set of intents, by `resourceKey`: intents of one target compose. Pure. */
export function render(intents: IntentSet, inventory: Inventory): ReadonlyMap<string, Rendered> {
  return mergeRendered(renderParts(intents, inventory));
}
