import type { Resource } from "./gen/discovery_pb.js";
import type { ResourceType } from "./resource-type.ts";

/** A resource that was not taken, and why; its last good version stays in force. */
export interface Rejection {
  readonly name: string;
  readonly error: string;
}

/** What changed, to be applied in one synchronous step. */
export interface XdsUpdate<T> {
  readonly upserted: readonly { readonly name: string; readonly value: T }[];
  readonly removed: readonly string[];
  /** The first answer to this subscription since the process started. */
  readonly initial: boolean;
}

/** Applies an update at once. May return resources it cannot use; whatever it does not return is in force afterwards. */
export type OnUpdate<T> = (update: XdsUpdate<T>) => readonly Rejection[] | undefined;

/** One subscription of a client; made by `subscribeTo`. */
export interface XdsSubscription {
  readonly typeUrl: string;
  /** `"*"` for everything. */
  readonly names: readonly string[] | "*";
  /** Converts every resource, applies the good ones in one call, and returns the rejected. */
  receive(resources: readonly Resource[], removed: readonly string[], initial: boolean): readonly Rejection[];
}

/** Subscribes to all resources of a type, or to named ones. */
export function subscribeTo<T>(
  type: ResourceType<T>,
  names: readonly string[] | "*",
  onUpdate: OnUpdate<T>,
): XdsSubscription {
  return {
    typeUrl: type.typeUrl,
    names,
    receive(resources, removed, initial) {
      const rejected: Rejection[] = [];
      const upserted: { name: string; value: T }[] = [];
      for (const resource of resources) {
        const decoded = decode(type, resource);
        if ("error" in decoded) {
          rejected.push({ name: resource.name, error: decoded.error });
        } else {
          upserted.push({ name: resource.name, value: decoded.value });
        }
      }
      const refused = onUpdate({ upserted, removed, initial });
      return refused === undefined ? rejected : [...rejected, ...refused];
    },
  };
}

function decode<T>(type: ResourceType<T>, { name, resource }: Resource) {
  if (resource === undefined || resource.typeUrl !== type.typeUrl) {
    return { error: `holds "${resource?.typeUrl ?? "nothing"}", expected ${type.typeUrl}` };
  }
  const decoded = type.decode(resource.value);
  if ("value" in decoded && type.name(decoded.value) !== name) {
    return { error: `is named "${name}" but describes "${type.name(decoded.value)}"` };
  }
  return decoded;
}
