/** What a proxy takes from the wire at most. Beyond it a resource is refused, and the former one stays in force. */
import { MalformedResource } from "../resource-type.ts";

/** Entries of a list that every tenant can make longer (services, clusters, policies, routes). */
export const entriesMax = 20_000;
/** Entries of a list inside one resource of one tenant. */
export const itemsMax = 1_024;
/** Characters of a name, a key or a pattern. */
export const textMax = 8_192;
/** Characters of a body, a key set or a certificate chain. */
export const documentMax = 1_048_576;
/** What a timer holds, in milliseconds; a longer time (24 days) is carried as this one. */
export const millisecondsMax = 2_147_483_647;

/** Reads a list of at most `max` entries. */
export function list<W, V>(wire: readonly W[], field: string, read: (wire: W) => V, max: number = itemsMax): V[] {
  if (wire.length > max) {
    throw new MalformedResource(`${field}: ${wire.length} entries, at most ${max}`);
  }
  return wire.map(read);
}

/** Text that may be empty. */
export function text(value: string, field: string, max: number = textMax): string {
  if (value.length > max) {
    throw new MalformedResource(`${field}: ${value.length} characters, at most ${max}`);
  }
  return value;
}

/** Text that must not be empty. */
export function filledText(value: string, field: string, max: number = textMax): string {
  if (value === "") {
    throw new MalformedResource(`${field}: must not be empty`);
  }
  return text(value, field, max);
}

/** A list of names or values, none of them empty. */
export const texts = (wire: readonly string[], field: string, max: number = itemsMax): string[] =>
  list(wire, field, (value) => filledText(value, field), max);

/** A message that must be there. */
export function required<M>(message: M | undefined, field: string): M {
  if (message === undefined) {
    throw new MalformedResource(`${field}: is missing`);
  }
  return message;
}

/** A share from 0 to 1. */
export const fraction = (value: number, field: string): number => within(value, field, 1);

/** A share from 0 to 100. */
export const percent = (value: number, field: string): number => within(value, field, 100);

/** A status of HTTP that may be answered. */
export function status(value: number, field: string): number {
  if (value < 200 || value > 599) {
    throw new MalformedResource(`${field}: ${value} is no status from 200 to 599`);
  }
  return value;
}

/** A time for the wire: whole milliseconds; a time under one does not become "none". */
export const milliseconds = (value: number): number => Math.min(Math.ceil(value), millisecondsMax);

/** A time from the wire, in milliseconds. */
export const time = (value: number, field: string): number => within(value, field, millisecondsMax);

function within(value: number, field: string, max: number): number {
  // Written so that NaN is refused too.
  if (!(value >= 0 && value <= max)) {
    throw new MalformedResource(`${field}: ${value} is not from 0 to ${max}`);
  }
  return value;
}
