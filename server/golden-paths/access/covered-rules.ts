/** Rules about requests that say nothing new. Pure. */
import type { HeaderCondition, RequestRule } from "@/server/contracts/golden-paths/parts.ts";
import { canonical } from "../resource.ts";
import { coversPath } from "./path-pattern.ts";

/** Every request of `narrow` is one of `wide`, as far as the rules tell. */
export const covers = (wide: RequestRule, narrow: RequestRule): boolean =>
  (wide.methods.length === 0 ||
    (narrow.methods.length > 0 && narrow.methods.every((method) => wide.methods.includes(method)))) &&
  (wide.paths.length === 0 ||
    (narrow.paths.length > 0 && narrow.paths.every((path) => wide.paths.some((one) => coversPath(one, path))))) &&
  wide.headers.every((header) => narrow.headers.some((one) => implies(one, header)));

const implies = (one: HeaderCondition, other: HeaderCondition): boolean =>
  one.name === other.name &&
  (canonical(one) === canonical(other) ||
    (one.match === "value" && other.match === "present") ||
    (one.match === "value" && other.match === "value" && one.values.every((value) => other.values.includes(value))));

/** Two conditions on one header that no request fulfils together. */
export const contradicts = (one: HeaderCondition, other: HeaderCondition): boolean =>
  one.name === other.name &&
  ((one.match === "absent" && (other.match === "present" || other.match === "value")) ||
    (one.match === "value" &&
      other.match === "not-value" &&
      one.values.every((value) => other.values.includes(value))));
