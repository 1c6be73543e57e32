import type { DeltaDiscoveryRequest } from "../../xds/gen/discovery_pb.js";
import type { SnapshotResource, SnapshotType } from "../snapshot/snapshot.ts";

/** What one proxy has asked for, been sent and confirmed of one resource type. Pure bookkeeping, no I/O. */
export interface DeltaType {
  wildcard: boolean;
  readonly names: Set<string>;
  /** Version last sent (or said to be held at the start), by resource name. */
  readonly sent: Map<string, string>;
  /** Version in force at the proxy. */
  readonly acked: Map<string, string>;
  /** Versions that the proxy refused. */
  readonly rejected: Map<string, { readonly version: string; readonly error: string }>;
  /** Responses without an answer yet, by nonce. */
  readonly outstanding: Map<string, DeltaResponse>;
  /** Revision of the snapshot that was sent last, and of the newest that was answered without refusal; 0: none. */
  sentRevision: number;
  ackedRevision: number;
  /** Something changed while too many responses were outstanding. */
  dirty: boolean;
  /** Names asked for meanwhile: they are answered, be they there or not. */
  readonly asked: Set<string>;
}

/** What goes into one response. */
export interface DeltaResponse {
  /** Revision of the snapshot that it was made from. */
  readonly revision: number;
  readonly upserts: readonly SnapshotResource[];
  readonly removed: readonly string[];
}

/** Which resources a proxy may see. */
export type Visible = (resource: SnapshotResource) => boolean;

/** First request of a type on a stream. No names, or `*`, is everything. */
export function openDeltaType(request: DeltaDiscoveryRequest): DeltaType {
  const named = request.resourceNamesSubscribe.filter((name) => name !== "*");
  const wildcard =
    request.resourceNamesSubscribe.length === 0 ||
    (request.resourceNamesSubscribe.includes("*") && !request.resourceNamesUnsubscribe.includes("*"));
  const held = Object.entries(request.initialResourceVersions);
  return {
    wildcard,
    names: new Set(named),
    sent: new Map(held),
    // A proxy names only versions that it has taken.
    acked: new Map(held.filter(([, version]) => version !== "")),
    rejected: new Map(),
    outstanding: new Map(),
    sentRevision: 0,
    ackedRevision: 0,
    dirty: false,
    asked: new Set(),
  };
}

/** A later request's changes. Returns the names that must be answered even if nothing about them changed. */
export function changeSubscription(type: DeltaType, request: DeltaDiscoveryRequest): readonly string[] {
  for (const name of request.resourceNamesUnsubscribe) {
    if (name === "*") {
      type.wildcard = false;
    } else {
      type.names.delete(name);
    }
  }
  const added = request.resourceNamesSubscribe;
  for (const name of added) {
    if (name === "*") {
      type.wildcard = !request.resourceNamesUnsubscribe.includes("*");
    } else {
      type.names.add(name);
      type.sent.delete(name);
    }
  }
  return added.filter((name) => name !== "*");
}

/** What the proxy still lacks. `asked` are names that it waits for, be they there or not. */
export function pendingFor(
  type: DeltaType,
  resources: SnapshotType,
  visible: Visible,
  asked: ReadonlySet<string> = new Set(),
): Omit<DeltaResponse, "revision"> {
  const wanted = wantedOf(type, resources, visible);
  const upserts = [...wanted.values()].filter(
    ({ name, version, aliases }) =>
      type.sent.get(name) !== version || asked.has(name) || aliases.some((alias) => asked.has(alias)),
  );
  const known = new Set([...wanted.values()].flatMap(({ name, aliases }) => [name, ...aliases]));
  const gone = [...type.sent.keys()].filter((name) => !wanted.has(name));
  return { upserts, removed: [...new Set([...gone, ...[...asked].filter((name) => !known.has(name))])] };
}

function wantedOf(type: DeltaType, resources: SnapshotType, visible: Visible): SnapshotType {
  if (type.wildcard) {
    return new Map([...resources].filter(([, resource]) => visible(resource)));
  }
  const wanted = new Map<string, SnapshotResource>();
  for (const resource of type.names.size === 0 ? [] : resources.values()) {
    if (
      (type.names.has(resource.name) || resource.aliases.some((alias) => type.names.has(alias))) &&
      visible(resource)
    ) {
      wanted.set(resource.name, resource);
    }
  }
  return wanted;
}

/** Notes a response as sent. */
export function noteSent(type: DeltaType, nonce: string, response: DeltaResponse): void {
  for (const { name, version } of response.upserts) {
    type.sent.set(name, version);
  }
  for (const name of response.removed) {
    type.sent.delete(name);
  }
  type.outstanding.set(nonce, response);
  type.sentRevision = response.revision;
}

/**
 * Notes a proxy's answer. A NACK names what it refuses as `name: reason; …` (ours and ztunnel's); a text that names
 * nothing of the response refuses all of it. Returns false for an unknown nonce.
 */
export function settle(type: DeltaType, nonce: string, error: string | undefined): boolean {
  const response = type.outstanding.get(nonce);
  if (response === undefined) {
    return false;
  }
  type.outstanding.delete(nonce);
  type.ackedRevision = error === undefined ? response.revision : type.ackedRevision;
  const parts = error?.split("; ") ?? [];
  const named = response.upserts.filter(({ name }) => parts.some((part) => part.startsWith(`${name}: `)));
  const refused = error !== undefined && named.length === 0 ? response.upserts : named;
  for (const resource of response.upserts) {
    const { name, version } = resource;
    if (error !== undefined && refused.includes(resource)) {
      type.rejected.set(name, { version, error });
    } else {
      type.acked.set(name, version);
      type.rejected.delete(name);
    }
  }
  for (const name of response.removed) {
    type.acked.delete(name);
    type.rejected.delete(name);
  }
  return true;
}
