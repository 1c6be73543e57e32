import type { KindDefinition } from "../../api/kind.ts";
import type { KubeObject, ManagedFieldsEntry } from "../../api/meta.ts";
import { sameValue } from "../fields/atom.ts";
import type { FieldSet } from "../fields/field-set.ts";
import { goShape } from "../fields/go-shape.ts";
import { decodeManagers, encodeManagers, type Managers } from "../fields/managers.ts";
import { discardedBy, trackUpdate, type Writer } from "../fields/track.ts";

const nobody: Managers = new Map();

/** The fields that an endpoint ignores, and so nobody owns through it. */
export function discardedFields(kind: KindDefinition, subresource: string | undefined): FieldSet {
  if (subresource === "status") {
    return discardedBy("spec");
  }
  return kind.hasStatus && subresource === undefined ? discardedBy("status") : discardedBy();
}

/** An empty list, or one empty entry, asks to forget all managers. */
const isReset = (entries: readonly ManagedFieldsEntry[] | undefined): boolean =>
  entries !== undefined &&
  (entries.length === 0 || (entries.length === 1 && Object.keys(entries[0] ?? {}).length === 0));

/**
 * The managers that an update starts from: those it sends, if it sends usable ones through the main resource, else
 * the stored ones. So a client that knows nothing of them does not delete them.
 */
function startingManagers(live: KubeObject, next: KubeObject, subresource: string | undefined): Managers {
  const stored = (): Managers => decodeManagers(live.metadata?.managedFields) ?? nobody;
  if (subresource !== undefined) {
    return stored();
  }
  const sent = next.metadata?.managedFields;
  if (isReset(sent)) {
    return nobody;
  }
  const decoded = decodeManagers(sent);
  return decoded === undefined || decoded.size === 0 ? stored() : decoded;
}

/** Managers after a create. */
export function managersOfCreate(kind: KindDefinition, object: KubeObject, writer: Writer): Managers {
  const shape = goShape(kind);
  return trackUpdate(kind.schema, shape({}), shape(object), nobody, writer, discardedFields(kind, undefined));
}

/** Managers after an update or patch of an object that exists. Where nobody was tracked, nobody begins to be. */
export function managersOfUpdate(kind: KindDefinition, live: KubeObject, next: KubeObject, writer: Writer): Managers {
  const managers = startingManagers(live, next, writer.subresource);
  if (managers.size === 0) {
    return managers;
  }
  const shape = goShape(kind);
  const discarded = discardedFields(kind, writer.subresource);
  return trackUpdate(kind.schema, shape(live), shape(next), managers, writer, discarded);
}

/** What apply starts from: an object that nobody was tracked on is owned by `before-first-apply`. */
export function managersBeforeApply(kind: KindDefinition, live: KubeObject, writer: Writer): Managers {
  const managers = decodeManagers(live.metadata?.managedFields) ?? nobody;
  if (managers.size > 0) {
    return managers;
  }
  const shape = goShape(kind);
  const first = { ...writer, manager: "before-first-apply" };
  return trackUpdate(kind.schema, shape({}), shape(live), nobody, first, discardedFields(kind, writer.subresource));
}

/** The object with its managers written into it. */
export function withManagers(object: KubeObject, managers: Managers): KubeObject {
  const { managedFields: _old, ...metadata } = object.metadata ?? {};
  const managedFields = encodeManagers(managers);
  return { ...object, metadata: managedFields === undefined ? metadata : { ...metadata, managedFields } };
}

/** The object without managers, as apply merges it. */
export function withoutManagers(object: KubeObject): KubeObject {
  const { managedFields: _managers, ...metadata } = object.metadata ?? {};
  return { ...object, metadata };
}

/**
 * Whether a write changes nothing but times of managers and the resourceVersion; such a write is not stored, so that
 * repeating an apply wakes nobody.
 */
export function isSameObject(before: KubeObject, after: KubeObject): boolean {
  const plain = (object: KubeObject): KubeObject => {
    const { managedFields, resourceVersion: _version, ...metadata } = object.metadata ?? {};
    const untimed = managedFields?.map(({ time: _time, ...entry }) => entry);
    return { ...object, metadata: { ...metadata, ...(untimed === undefined ? {} : { managedFields: untimed }) } };
  };
  return sameValue(plain(before), plain(after));
}
