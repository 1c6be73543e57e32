import { intentsOf } from "../intent.ts";
import { partOf, type Rendered } from "../resource.ts";
import type { Surroundings } from "../surroundings.ts";
import { zonePreference } from "./zone-preference.ts";

/** A field or an annotation of the Service; Services of versions carry it too, see `version-services.ts`. */
export const generateZonePreferences = ({ intents }: Surroundings): Rendered[] =>
  intentsOf(intents, "prefer-the-zone").map((intent) => {
    const { spec, annotations } = zonePreference(intent);
    const { namespace, name } = intent.service;
    const part = partOf("Service", namespace, name, { ...(spec === undefined ? {} : { spec }), intents: [intent] });
    return { ...part, metadata: { ...part.metadata, annotations: { ...part.metadata.annotations, ...annotations } } };
  });
