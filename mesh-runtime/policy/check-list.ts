import { type Cidr, contains, type IpBytes, parseCidr } from "./ip-address.ts";
import { stringTest } from "./match-string.ts";
import type { Action, CidrMatch, DecidingAttribute, ServiceAccountMatch, StringMatch } from "./model.ts";
import type { Alternative, Check } from "./prepared-policy.ts";
import type { PrincipalParts } from "./principal.ts";

/** Whether a value of the context satisfies one matcher. */
export type Test<C> = (context: C) => boolean;

/**
 * Collects the checks of one alternative. Empty lists do not restrict and add nothing.
 *
 * What cannot be read or is not known here makes a policy stricter: it lets DENY match and ALLOW not.
 */
export class CheckList<C> {
  readonly #checks: Check<C>[] = [];
  readonly #action: Action;

  constructor(action: Action) {
    this.#action = action;
  }

  get alternative(): Alternative<C> {
    return this.#checks;
  }

  /**
   * Holds when one of `values` satisfies its test and none of `notValues` does. `test` is told the answer that makes
   * the policy stricter, for matchers that cannot be read.
   */
  add<V>(
    attribute: DecidingAttribute,
    values: readonly V[] | undefined,
    notValues: readonly V[] | undefined,
    test: (value: V, stricter: boolean) => Test<C>,
  ): void {
    const denies = this.#action === "DENY";
    if (values !== undefined && values.length > 0) {
      const any = anyOf(values.map((value) => test(value, denies)));
      this.#checks.push({ attribute, holds: any });
    }
    if (notValues !== undefined && notValues.length > 0) {
      const any = anyOf(notValues.map((value) => test(value, !denies)));
      this.#checks.push({ attribute, holds: (context) => !any(context) });
    }
  }

  /** An attribute that nothing is known of: DENY matches, ALLOW does not. */
  unsupported(attribute: DecidingAttribute): void {
    const denies = this.#action === "DENY";
    this.#checks.push({ attribute, holds: () => denies });
  }

  /** String values. */
  strings(
    attribute: DecidingAttribute,
    values: readonly StringMatch[] | undefined,
    notValues: readonly StringMatch[] | undefined,
    read: (context: C) => string | undefined,
  ): void {
    this.add(attribute, values, notValues, (match) => {
      const test = stringTest(match);
      return (context) => test(read(context));
    });
  }

  /** Numbers, such as ports. */
  numbers(
    attribute: DecidingAttribute,
    values: readonly number[] | undefined,
    notValues: readonly number[] | undefined,
    read: (context: C) => number,
  ): void {
    this.add(attribute, values, notValues, (value) => (context) => read(context) === value);
  }

  /** Service accounts, whatever their trust domain. */
  serviceAccounts(
    values: readonly ServiceAccountMatch[] | undefined,
    notValues: readonly ServiceAccountMatch[] | undefined,
    read: (context: C) => PrincipalParts | undefined,
  ): void {
    this.add("source.serviceAccount", values, notValues, ({ namespace, serviceAccount }) => (context) => {
      const parts = read(context);
      return parts !== undefined && parts.serviceAccount === serviceAccount && parts.namespace === namespace;
    });
  }

  /** Address ranges. */
  ranges(
    attribute: DecidingAttribute,
    values: readonly CidrMatch[] | undefined,
    notValues: readonly CidrMatch[] | undefined,
    read: (context: C) => IpBytes | undefined,
  ): void {
    this.add(attribute, values, notValues, (match, stricter) => {
      const range = parseCidr(match);
      return range === undefined ? () => stricter : (context) => holdsIp(range, read(context));
    });
  }
}

const holdsIp = (range: Cidr, ip: IpBytes | undefined): boolean => ip !== undefined && contains(range, ip);

function anyOf<C>(tests: readonly Test<C>[]): Test<C> {
  const [only] = tests;
  if (tests.length === 1 && only !== undefined) {
    return only;
  }
  return (context) => {
    for (let index = 0; index < tests.length; index++) {
      if (tests[index]?.(context) === true) {
        return true;
      }
    }
    return false;
  };
}
