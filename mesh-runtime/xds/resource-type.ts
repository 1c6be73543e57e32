/** Outcome of reading one resource from the wire. */
export type Decoded<T> = { readonly value: T } | { readonly error: string };

/**
 * One kind of xDS resource: its type URL and how its domain value travels. `decode` never throws: a malformed resource
 * is an `error` that goes into the NACK.
 */
export interface ResourceType<T> {
  readonly typeUrl: string;
  /** The resource's name on the wire. */
  name(value: T): string;
  encode(value: T): Uint8Array;
  decode(bytes: Uint8Array): Decoded<T>;
}

/** Raised by the decoders inside this folder; `decode` turns it into `{ error }`. */
export class MalformedResource extends Error {
  override readonly name = "MalformedResource";
}

/** Runs a decoder and turns whatever it throws into an `error`. */
export function decoding<T>(read: () => T): Decoded<T> {
  try {
    return { value: read() };
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}

/** Text that must be present and is at most 253 bytes of a name each part, as Kubernetes limits names. */
export function requiredText(value: string, field: string): string {
  if (value === "" || value.length > 512) {
    throw new MalformedResource(`${field}: must have 1 to 512 characters`);
  }
  return value;
}

/** A TCP port; 0 only where `zero` says so. */
export function portNumber(value: number, field: string, { zero = false }: { zero?: boolean } = {}): number {
  if (!Number.isInteger(value) || value > 65535 || value < (zero ? 0 : 1)) {
    throw new MalformedResource(`${field}: ${value} is no port`);
  }
  return value;
}
