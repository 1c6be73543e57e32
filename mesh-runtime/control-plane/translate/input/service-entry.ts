import { fields, items, type Meta, port, readMeta, text } from "./lenient.ts";

/** A port of a ServiceEntry. */
export interface ServiceEntryPortInput {
  readonly number: number;
  readonly name: string;
  /** As written; empty: told by the name. */
  readonly protocol: string;
  /** Port of the endpoints; 0: the number. */
  readonly targetPort: number;
}

/** An endpoint of a ServiceEntry. */
export interface ServiceEntryEndpointInput {
  /** An address, or a name in lower case. */
  readonly address: string;
  /** Numbers by the entry's port names. */
  readonly ports: Readonly<Record<string, number>>;
}

/** What the mesh reads of a ServiceEntry. */
export interface ServiceEntryInput extends Pick<Meta, "namespace" | "name" | "labels" | "generation" | "createdAtMs"> {
  /** In lower case. */
  readonly hosts: readonly string[];
  readonly addresses: readonly string[];
  readonly ports: readonly ServiceEntryPortInput[];
  readonly isInternal: boolean;
  readonly hasSelector: boolean;
  /** `NONE`, `STATIC`, `DNS` and what follows. */
  readonly resolution: string;
  readonly endpoints: readonly ServiceEntryEndpointInput[];
  readonly exportTo: readonly string[];
  /** Virtual addresses that were chosen before (`status.addresses`). */
  readonly allocated: readonly { readonly value: string; readonly host: string }[];
}

/** Reads a ServiceEntry. */
export function readServiceEntry(object: unknown): ServiceEntryInput {
  const { namespace, name, labels, generation, createdAtMs } = readMeta(object);
  const spec = fields(fields(object)["spec"]);
  return {
    namespace,
    name,
    labels,
    generation,
    createdAtMs,
    hosts: textsOf(spec["hosts"]).map((host) => host.toLowerCase()),
    addresses: textsOf(spec["addresses"]),
    ports: items(spec["ports"]).flatMap((entry) => {
      const { number, name: portName, protocol, targetPort } = fields(entry);
      return port(number) === 0
        ? []
        : [{ number: port(number), name: text(portName), protocol: text(protocol), targetPort: port(targetPort) }];
    }),
    isInternal: text(spec["location"]) === "MESH_INTERNAL",
    hasSelector: spec["workloadSelector"] !== undefined && spec["workloadSelector"] !== null,
    resolution: text(spec["resolution"], "NONE"),
    endpoints: items(spec["endpoints"]).map((entry) => {
      const { address, ports } = fields(entry);
      return { address: text(address).toLowerCase(), ports: portsOf(ports) };
    }),
    exportTo: textsOf(spec["exportTo"]),
    allocated: items(fields(fields(object)["status"])["addresses"]).flatMap((entry) => {
      const { value, host } = fields(entry);
      return text(value) === "" ? [] : [{ value: text(value), host: text(host) }];
    }),
  };
}

const textsOf = (value: unknown): string[] =>
  items(value).filter((entry): entry is string => typeof entry === "string" && entry !== "");

const portsOf = (value: unknown): Readonly<Record<string, number>> =>
  Object.fromEntries(
    Object.entries(fields(value))
      .flatMap(([name, number]): [string, number][] => (port(number) === 0 ? [] : [[name, port(number)]]))
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
