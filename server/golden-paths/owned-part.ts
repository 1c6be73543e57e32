/** The part of a live object that paths own, so that it can be compared with what they render. Pure. */

import type { KubeObject } from "@/mesh-runtime/api/meta.ts";
import { intentAnnotation, managedByLabel, managedByTowpath } from "@/server/inventory/labels.ts";
import { isJsonObject } from "./json-object.ts";
import type { Rendered } from "./resource.ts";

type Json = unknown;
const nameOf = (value: Json): Json => (isJsonObject(value) ? value["name"] : undefined);

/** An object that is ours as a whole carries the mark; of others we write single fields. */
export const isWholeOurs = ({ metadata }: Pick<Rendered, "metadata">): boolean =>
  metadata.labels?.[managedByLabel] === managedByTowpath;

/**
 * `live` as far as `wanted` (what is rendered now and what will be) speaks of it: of an object that is ours its whole
 * spec and our marks, of another one the fields that some rendering names. Status and other people's fields are left
 * out.
 */
export function ownedPart(live: KubeObject, wanted: readonly (Rendered | undefined)[]): Rendered {
  const { apiVersion = "", kind = "", metadata } = live;
  const { spec, data } = live as { readonly spec?: Json; readonly data?: Json };
  const renderings = wanted.filter((one) => one !== undefined);
  const identity = {
    name: metadata?.name ?? "",
    ...(metadata?.namespace === undefined || metadata.namespace === "" ? {} : { namespace: metadata.namespace }),
  };
  if (renderings.some(isWholeOurs) || renderings.length === 0) {
    return {
      apiVersion,
      kind,
      metadata: {
        ...identity,
        ...field("labels", pick(metadata?.labels, [managedByLabel, ...keysOf(renderings, "labels")])),
        ...field("annotations", pick(metadata?.annotations, [intentAnnotation, ...keysOf(renderings, "annotations")])),
      },
      // A Service gets an address and more from the API server.
      spec: (kind === "Service" && renderings.length > 0 ? project(spec, unitedSpec(renderings)) : spec) ?? {},
    };
  }
  const ourSpec = unitedSpec(renderings);
  const ourData = renderings.map((one) => one.data).reduce(unite, undefined);
  return {
    apiVersion,
    kind,
    metadata: {
      ...identity,
      ...field("labels", pick(metadata?.labels, keysOf(renderings, "labels"))),
      ...field("annotations", pick(metadata?.annotations, keysOf(renderings, "annotations"))),
    },
    ...field("spec", project(spec, ourSpec)),
    ...field("data", project(data, ourData)),
  };
}

const keysOf = (renderings: readonly Rendered[], of: "labels" | "annotations"): string[] =>
  renderings.flatMap(({ metadata }) => Object.keys(metadata[of] ?? {}));

function pick(from: Readonly<Record<string, string>> | undefined, names: readonly string[]): Json {
  const entries = [...new Set(names)].flatMap((name) => (from?.[name] === undefined ? [] : [[name, from[name]]]));
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

const field = (name: string, value: Json): object => (value === undefined ? {} : { [name]: value });

const unitedSpec = (renderings: readonly Rendered[]): Json =>
  renderings.map((one) => one.spec).reduce(unite, undefined);

/** The keys of both. */
function unite(one: Json, other: Json): Json {
  if (isJsonObject(one) && isJsonObject(other)) {
    const keys = new Set([...Object.keys(one), ...Object.keys(other)]);
    return Object.fromEntries([...keys].map((key) => [key, unite(one[key], other[key])]));
  }
  return Array.isArray(one) && Array.isArray(other) ? [...one, ...other] : (one ?? other);
}

/** What `live` says where `shape` has a field; entries of named lists by name. Undefined when it says nothing. */
function project(live: Json, shape: Json): Json {
  if (live === undefined || shape === undefined) {
    return undefined;
  }
  if (isJsonObject(live) && isJsonObject(shape)) {
    const entries = Object.keys(shape).flatMap((key) => {
      const value = project(live[key], shape[key]);
      return value === undefined ? [] : [[key, value]];
    });
    return entries.length === 0 ? undefined : Object.fromEntries(entries);
  }
  if (Array.isArray(live) && Array.isArray(shape) && shape.every((entry) => nameOf(entry) !== undefined)) {
    // Of an entry, too, only what some rendering names: the rest is the server's defaults, or other people's.
    const kept = live.flatMap((entry) => {
      const wanted = shape.filter((one) => nameOf(one) === nameOf(entry)).reduce(unite, undefined);
      const part = wanted === undefined ? undefined : project(entry, wanted);
      return part === undefined ? [] : [part];
    });
    return kept.length === 0 ? undefined : kept;
  }
  return live;
}
