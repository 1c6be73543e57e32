import type { KindDefinition } from "../../api/kind.ts";
import type { KubeObject } from "../../api/meta.ts";
import type { Log } from "../../common/log.ts";
import type { Authorizer } from "../auth/authorize.ts";
import type { ServiceAccountTokens } from "../auth/service-account-tokens.ts";
import type { Store, StoredObject } from "../store/store.ts";

/** What handlers of objects work with. */
export interface ResourceDeps {
  readonly store: Store;
  readonly kinds: readonly KindDefinition[];
  readonly authorizer: Authorizer;
  readonly accounts: ServiceAccountTokens;
  readonly log: Log;
  readonly now: () => Date;
}

/** Name of a kind's table in the store. */
export const resourceOf = ({ group, plural }: Pick<KindDefinition, "group" | "plural">): string => `${group}/${plural}`;

/** RFC 3339 with seconds, as all times in objects. */
export const timeText = (date: Date): string => `${date.toISOString().slice(0, 19)}Z`;

/** `v1`, or `apps/v1`. */
export const groupVersionOf = ({ group }: Pick<KindDefinition, "group">, version: string): string =>
  group === "" ? version : `${group}/${version}`;

/** The object as `version` of the API shows it. All served versions of a kind share one schema. */
export function inVersion(object: KubeObject, kind: KindDefinition, version: string): KubeObject {
  const wanted = groupVersionOf(kind, version);
  return object.apiVersion === wanted ? object : { ...object, apiVersion: wanted };
}

/** The JSON of a stored object in `version`. */
export const jsonOf = (stored: StoredObject, kind: KindDefinition, version: string): string =>
  version === kind.version ? stored.json : JSON.stringify(inVersion(stored.object, kind, version));
