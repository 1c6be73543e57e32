import { type Meta, readMeta } from "./lenient.ts";

/** What the mesh reads of a ServiceEntry: which waypoint it names. Its hosts are not served here. */
export interface ServiceEntryInput extends Pick<Meta, "namespace" | "name" | "labels"> {}

/** Reads a ServiceEntry. */
export function readServiceEntry(object: unknown): ServiceEntryInput {
  const { namespace, name, labels } = readMeta(object);
  return { namespace, name, labels };
}
