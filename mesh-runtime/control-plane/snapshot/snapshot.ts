import { createHash } from "node:crypto";
import type { MeshAddress } from "../../xds/address-type.ts";
import { addressType, authorizationType, outsideType, proxyConfigType, type ResourceType } from "../../xds/codec.ts";
import type { Translation } from "../translate/translate.ts";

/** One resource, encoded once for all proxies. */
export interface SnapshotResource {
  readonly name: string;
  /** Other names by which it may be asked for: `<network>/<address>`. */
  readonly aliases: readonly string[];
  /** Derived from the content: equal before and after a restart of the control plane. */
  readonly version: string;
  readonly bytes: Uint8Array;
  /** When set, only this ServiceAccount (`<namespace>/<name>`) may read it. */
  readonly reader: string | undefined;
}

export type SnapshotType = ReadonlyMap<string, SnapshotResource>;

/** All resources at one moment. */
export interface Snapshot {
  readonly revision: number;
  /** When the oldest change in it was noticed, milliseconds since the epoch. */
  readonly changedAtMs: number;
  readonly types: ReadonlyMap<string, SnapshotType>;
  /** ServiceAccounts (`<namespace>/<name>`) of waypoints: they hear of changes before those who call them. */
  readonly first?: ReadonlySet<string>;
}

/** A resource that could not be encoded; its last good version stays. */
export interface EncodingProblem {
  readonly typeUrl: string;
  readonly name: string;
  readonly error: string;
}

export interface NextSnapshot {
  /** Absent when nothing is different. */
  readonly snapshot: Snapshot | undefined;
  readonly problems: readonly EncodingProblem[];
}

const empty: SnapshotType = new Map();

/** How resources of one type become snapshot resources. */
interface Encoding<T> {
  readonly type: ResourceType<T>;
  readonly entries: Iterable<readonly [string, T]>;
  /** Names that keep their last good version although they have no entry now. */
  readonly keep?: ReadonlySet<string>;
  readonly aliases?: (value: T) => string[];
  readonly reader?: (name: string) => string;
}

/** The part of a translation that goes to proxies. */
export type TranslatedResources = Pick<
  Translation,
  "addresses" | "authorizations" | "broken" | "outside" | "proxyConfigs"
>;

/** Makes snapshots from translations; a resource that did not change stays the same object. */
export function createSnapshotBuilder(): { next(translation: TranslatedResources, changedAtMs: number): NextSnapshot } {
  let current: Snapshot | undefined;
  /** The value that a resource was encoded from: the same object need not be encoded again. */
  const sources = new WeakMap<SnapshotResource, unknown>();
  return {
    next(translation, changedAtMs) {
      const problems: EncodingProblem[] = [];
      const build = <T>(encoding: Encoding<T>): [string, SnapshotType] => {
        const { typeUrl } = encoding.type;
        return [typeUrl, encodeAll(encoding, current?.types.get(typeUrl) ?? empty, sources, problems)];
      };
      const types = new Map([
        build({ type: addressType, entries: translation.addresses, aliases: aliasesOf }),
        build({ type: authorizationType, entries: translation.authorizations, keep: translation.broken }),
        build({ type: outsideType, entries: translation.outside }),
        build({
          type: proxyConfigType,
          entries: [...translation.proxyConfigs].map(([key, { config }]) => [key, config] as const),
          reader: (key) => translation.proxyConfigs.get(key)?.reader ?? "",
        }),
      ]);
      const before = current;
      if (before !== undefined && [...types].every(([typeUrl, type]) => type === before.types.get(typeUrl))) {
        return { snapshot: undefined, problems };
      }
      const first = new Set(
        [...translation.proxyConfigs.values()].flatMap(({ config, reader }) =>
          config.kind === "waypoint" ? [reader] : [],
        ),
      );
      current = { revision: (before?.revision ?? 0) + 1, changedAtMs, types, first };
      return { snapshot: current, problems };
    },
  };
}

/** Returns `before` itself when nothing is different. */
function encodeAll<T>(
  encoding: Encoding<T>,
  before: SnapshotType,
  sources: WeakMap<SnapshotResource, unknown>,
  problems: EncodingProblem[],
): SnapshotType {
  const { typeUrl } = encoding.type;
  const after = new Map<string, SnapshotResource>();
  for (const [name, value] of encoding.entries) {
    const previous = before.get(name);
    try {
      const resource = encode(encoding, name, value, previous, sources);
      sources.set(resource, value);
      after.set(name, resource);
    } catch (error) {
      problems.push({ typeUrl, name, error: error instanceof Error ? error.message : String(error) });
      if (previous !== undefined) {
        after.set(name, previous);
      }
    }
  }
  for (const name of encoding.keep ?? []) {
    const previous = before.get(name);
    if (previous !== undefined && !after.has(name)) {
      after.set(name, previous);
    }
  }
  const same = after.size === before.size && [...after].every(([name, resource]) => before.get(name) === resource);
  return same ? before : after;
}

function encode<T>(
  { type, aliases, reader }: Encoding<T>,
  name: string,
  value: T,
  previous: SnapshotResource | undefined,
  sources: WeakMap<SnapshotResource, unknown>,
): SnapshotResource {
  const readBy = reader?.(name);
  if (previous !== undefined && previous.reader === readBy && sources.get(previous) === value) {
    return previous;
  }
  const bytes = type.encode(value);
  return previous !== undefined && previous.reader === readBy && Buffer.compare(previous.bytes, bytes) === 0
    ? previous
    : { name, aliases: aliases?.(value) ?? [], version: versionOf(bytes), bytes, reader: readBy };
}

const versionOf = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex").slice(0, 16);

/** Addresses as ztunnel asks for them on demand; this mesh has one network, named "". */
function aliasesOf(address: MeshAddress): string[] {
  const { addresses } = address.kind === "workload" ? address.workload : address.service;
  return addresses.map((ip) => `/${ip}`);
}
