/** The mesh's configuration as checks read it. Pure. */
import { parseDocument } from "yaml";
import { rootNamespace } from "@/server/inventory/labels.ts";
import type { Inventory } from "@/server/inventory/model.ts";
import { nameOf, namespaceOf } from "./check.ts";

interface MeshConfig {
  readonly outboundMode: unknown;
  readonly providers: readonly Readonly<Record<string, unknown>>[];
}

const textMax = 256 * 1_024;

/** The ConfigMap that holds it. */
export const configMapOf = ({ objects }: Inventory) =>
  objects.configMaps.find((one) => nameOf(one) === "istio" && namespaceOf(one) === rootNamespace);

const read = new WeakMap<object, MeshConfig>();

/** Empty where there is none, or none that can be read. */
export function meshConfigOf(inventory: Inventory): MeshConfig {
  const object = configMapOf(inventory);
  const known = object === undefined ? undefined : read.get(object);
  const config = known ?? parse(object?.data?.["mesh"] ?? "");
  if (object !== undefined) {
    read.set(object, config);
  }
  return config;
}

function parse(text: string): MeshConfig {
  const document = text.length > textMax ? undefined : parseDocument(text);
  const whole: unknown =
    document === undefined || document.errors.length > 0 ? {} : document.toJS({ maxAliasCount: 0 });
  const { outboundTrafficPolicy, extensionProviders } = record(whole);
  return {
    outboundMode: record(outboundTrafficPolicy)["mode"],
    providers: (Array.isArray(extensionProviders) ? (extensionProviders as unknown[]) : []).map(record),
  };
}

const record = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
