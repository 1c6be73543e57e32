/** Label selectors: validity, matching, and Go's print of them. */
import type { LabelSelector } from "../meta.ts";
import { goStringMap, goStrings } from "../schema/go-format.ts";
import type { FieldError } from "../status.ts";
import { forbidden, invalid, required } from "./field-errors.ts";
import { validateLabels } from "./metadata.ts";
import { labelValue, qualifiedName } from "./names.ts";

export function validateSelector(selector: LabelSelector, field: string): FieldError[] {
  const errors = validateLabels(selector.matchLabels, `${field}.matchLabels`);
  for (const [i, expression] of (selector.matchExpressions ?? []).entries()) {
    const at = `${field}.matchExpressions[${i}]`;
    const values = expression.values ?? [];
    switch (expression.operator) {
      case "In":
      case "NotIn":
        if (values.length === 0) {
          errors.push(required(`${at}.values`, "must be specified when `operator` is 'In' or 'NotIn'"));
        }
        break;
      case "Exists":
      case "DoesNotExist":
        if (values.length > 0) {
          errors.push(forbidden(`${at}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"));
        }
        break;
      default:
        errors.push(invalid(`${at}.operator`, expression.operator, "not a valid selector operator"));
    }
    errors.push(
      ...qualifiedName(expression.key ?? "").map((text) => invalid(`${at}.key`, expression.key ?? "", text)),
      ...values.flatMap((value, v) => labelValue(value).map((text) => invalid(`${at}.values[${v}]`, value, text))),
    );
  }
  return errors;
}

/** True when no label is asked for: such a selector takes everything. */
export function isEmptySelector(selector: LabelSelector | undefined): boolean {
  return Object.keys(selector?.matchLabels ?? {}).length === 0 && (selector?.matchExpressions ?? []).length === 0;
}

/** Whether `labels` satisfy every requirement. */
export function selects(selector: LabelSelector, labels: Readonly<Record<string, string>> | undefined): boolean {
  const has = (key: string) => labels !== undefined && Object.hasOwn(labels, key);
  const isIn = (key: string, values: readonly string[]) => has(key) && values.includes(labels?.[key] ?? "");
  return (
    Object.entries(selector.matchLabels ?? {}).every(([key, value]) => isIn(key, [value])) &&
    (selector.matchExpressions ?? []).every(({ key, operator, values = [] }) => {
      switch (operator) {
        case "In":
          return isIn(key, values);
        case "NotIn":
          return !isIn(key, values);
        case "Exists":
          return has(key);
        case "DoesNotExist":
          return !has(key);
        default:
          return false;
      }
    })
  );
}

/** `%#v` of a LabelSelector. */
export function goSelector(selector: LabelSelector): string {
  const expressions = selector.matchExpressions;
  const list =
    expressions === undefined
      ? "(nil)"
      : `{${expressions
          .map(
            ({ key, operator, values }) =>
              `v1.LabelSelectorRequirement{Key:${JSON.stringify(key)}, Operator:${JSON.stringify(operator)}, Values:${values === undefined ? "[]string(nil)" : goStrings(values)}}`,
          )
          .join(", ")}}`;
  return `v1.LabelSelector{MatchLabels:${goStringMap(selector.matchLabels)}, MatchExpressions:[]v1.LabelSelectorRequirement${list}}`;
}
