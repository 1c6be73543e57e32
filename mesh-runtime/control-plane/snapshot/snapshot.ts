import { createHash } from "node:crypto";
import type { MeshAddress } from "../../xds/address-type.ts";
import { addressType, authorizationType, proxyConfigType, type ResourceType } from "../../xds/codec.ts";
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

/** Makes snapshots from translations; a resource that did not change stays the same object. */
export function createSnapshotBuilder(): { next(translation: Translation, changedAtMs: number): NextSnapshot } {
  let current: Snapshot | undefined;
  return {
    next(translation, changedAtMs) {
      const problems: EncodingProblem[] = [];
      const build = <T>(
        type: ResourceType<T>,
        entries: Iterable<readonly [string, T]>,
        details: {
          keep?: ReadonlySet<string>;
          aliases?: (value: T) => string[];
          reader?: (name: string) => string;
        } = {},
      ): [string, SnapshotType] => {
        const before = current?.types.get(type.typeUrl) ?? empty;
        return [type.typeUrl, encodeAll(type, entries, before, details, problems)];
      };
      const types = new Map([
        build(addressType, translation.addresses, { aliases: aliasesOf }),
        build(authorizationType, translation.authorizations, { keep: translation.broken }),
        build(
          proxyConfigType,
          [...translation.proxyConfigs].map(([key, { config }]) => [key, config] as const),
          {
            reader: (key) => translation.proxyConfigs.get(key)?.reader ?? "",
          },
        ),
      ]);
      const before = current;
      if (before !== undefined && [...types].every(([typeUrl, type]) => type === before.types.get(typeUrl))) {
        return { snapshot: undefined, problems };
      }
      current = { revision: (before?.revision ?? 0) + 1, changedAtMs, types };
      return { snapshot: current, problems };
    },
  };
}

/** Returns `before` itself when nothing is different. */
function encodeAll<T>(
  type: ResourceType<T>,
  entries: Iterable<readonly [string, T]>,
  before: SnapshotType,
  details: { keep?: ReadonlySet<string>; aliases?: (value: T) => string[]; reader?: (name: string) => string },
  problems: EncodingProblem[],
): SnapshotType {
  const after = new Map<string, SnapshotResource>();
  for (const [name, value] of entries) {
    const previous = before.get(name);
    try {
      const bytes = type.encode(value);
      const reader = details.reader?.(name);
      after.set(
        name,
        previous !== undefined && Buffer.compare(previous.bytes, bytes) === 0 && previous.reader === reader
          ? previous
          : { name, aliases: details.aliases?.(value) ?? [], version: versionOf(bytes), bytes, reader },
      );
    } catch (error) {
      problems.push({ typeUrl: type.typeUrl, name, error: error instanceof Error ? error.message : String(error) });
      if (previous !== undefined) {
        after.set(name, previous);
      }
    }
  }
  for (const name of details.keep ?? []) {
    const previous = before.get(name);
    if (previous !== undefined && !after.has(name)) {
      after.set(name, previous);
    }
  }
  const same = after.size === before.size && [...after].every(([name, resource]) => before.get(name) === resource);
  return same ? before : after;
}

const versionOf = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex").slice(0, 16);

/** Addresses as ztunnel asks for them on demand; this mesh has one network, named "". */
function aliasesOf(address: MeshAddress): string[] {
  const { addresses } = address.kind === "workload" ? address.workload : address.service;
  return addresses.map((ip) => `/${ip}`);
}
