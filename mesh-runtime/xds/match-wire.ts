/** The match messages that layer 4 and layer 7 authorization share. */
import type { MessageInitShape } from "@bufbuild/protobuf";
import type { CidrMatch, ServiceAccountMatch, StringMatch } from "../policy/model.ts";
import type {
  AddressSchema,
  StringMatchSchema,
  Address as WireCidr,
  StringMatch as WireString,
} from "./gen/authorization_pb.js";
import { ipFromBytes, ipToBytes } from "./ip-bytes.ts";
import { MalformedResource, portNumber, requiredText } from "./resource-type.ts";

/** `undefined` stays away from the wire: an absent list does not restrict. */
export const stringsToWire = (list: readonly StringMatch[] | undefined): MessageInitShape<typeof StringMatchSchema>[] =>
  (list ?? []).map((match) => ({
    matchType: match.kind === "presence" ? { case: "presence", value: {} } : { case: match.kind, value: match.value },
  }));

/** An unset match is malformed: to leave it out would widen or narrow the rule without a word. */
export function stringFromWire({ matchType }: WireString): StringMatch {
  switch (matchType.case) {
    case "exact":
    case "prefix":
    case "suffix":
      return { kind: matchType.case, value: matchType.value };
    case "presence":
      return { kind: "presence" };
    default:
      throw new MalformedResource("string match: no kind is set");
  }
}

export const cidrsToWire = (list: readonly CidrMatch[] | undefined): MessageInitShape<typeof AddressSchema>[] =>
  (list ?? []).map(({ address, length }) => ({ address: ipToBytes(address), length }));

export function cidrFromWire({ address, length }: WireCidr): CidrMatch {
  if (length > address.length * 8) {
    throw new MalformedResource(`address range: length ${length} is too long`);
  }
  return { address: ipFromBytes(address), length };
}

export const accountsToWire = (list: readonly ServiceAccountMatch[] | undefined): ServiceAccountMatch[] => [
  ...(list ?? []),
];

export const accountFromWire = (match: { namespace: string; serviceAccount: string }): ServiceAccountMatch => ({
  namespace: requiredText(match.namespace, "service account namespace"),
  serviceAccount: requiredText(match.serviceAccount, "service account"),
});

export const portFromWire = (port: number): number => portNumber(port, "destination port");

/** Keeps only the lists that restrict, so that a round trip gives equal values. */
export function filled<T extends Record<string, readonly unknown[]>>(lists: T): Partial<T> {
  return Object.fromEntries(Object.entries(lists).filter(([, list]) => list.length > 0)) as Partial<T>;
}
