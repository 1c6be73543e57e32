import type { Check } from "./decide.ts";
import { type Cidr, contains, type IpBytes, parseCidr } from "./ip-address.ts";
import { matchesString } from "./match-string.ts";
import type { Action, CidrMatch, DecidingAttribute, ServiceAccountMatch, StringMatch } from "./model.ts";
import type { PrincipalParts } from "./principal.ts";

/** What both layers know of the two ends. */
export interface Ends {
  readonly principal: string | undefined;
  readonly parts: PrincipalParts | undefined;
  readonly sourceIp: IpBytes | undefined;
  readonly destinationPort: number;
}

/** Collects the checks of one alternative. Empty value lists do not restrict and add nothing. */
export class Checks<C> {
  readonly list: Check<C>[] = [];
  readonly #action: Action;

  constructor(action: Action) {
    this.#action = action;
  }

  /** Holds when one of `values` satisfies `test` and none of `notValues` does. */
  add<V>(
    attribute: DecidingAttribute,
    values: readonly V[] | undefined,
    notValues: readonly V[] | undefined,
    test: (value: V, context: C) => boolean,
  ): void {
    if (values !== undefined && values.length > 0) {
      this.list.push({ attribute, holds: (context) => values.some((value) => test(value, context)) });
    }
    if (notValues !== undefined && notValues.length > 0) {
      this.list.push({ attribute, holds: (context) => !notValues.some((value) => test(value, context)) });
    }
  }

  /** String values. */
  strings(
    attribute: DecidingAttribute,
    values: readonly StringMatch[] | undefined,
    notValues: readonly StringMatch[] | undefined,
    read: (context: C) => string | undefined,
  ): void {
    this.add(attribute, values, notValues, (match, context) => matchesString(match, read(context)));
  }

  /** Service accounts, whatever their trust domain. */
  serviceAccounts(
    values: readonly ServiceAccountMatch[] | undefined,
    notValues: readonly ServiceAccountMatch[] | undefined,
    read: (context: C) => PrincipalParts | undefined,
  ): void {
    this.add("source.serviceAccount", values, notValues, (match, context) => {
      const parts = read(context);
      return parts?.namespace === match.namespace && parts.serviceAccount === match.serviceAccount;
    });
  }

  /** Address ranges. A range that cannot be read makes the policy stricter: it lets DENY match and ALLOW not. */
  ranges(
    attribute: DecidingAttribute,
    values: readonly CidrMatch[] | undefined,
    notValues: readonly CidrMatch[] | undefined,
    read: (context: C) => IpBytes | undefined,
  ): void {
    const inRange = (unreadable: boolean) => (range: Cidr | undefined, context: C) => {
      const ip = read(context);
      return range === undefined ? unreadable : ip !== undefined && contains(range, ip);
    };
    this.add(attribute, values?.map(parseCidr), undefined, inRange(this.#action === "DENY"));
    this.add(attribute, undefined, notValues?.map(parseCidr), inRange(this.#action === "ALLOW"));
  }
}
