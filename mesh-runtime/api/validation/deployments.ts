/** Validation of Deployments, as apps/v1 `ValidateDeployment` does it. */
import type { DeploymentSpec } from "../deployment.ts";
import { goStringMap } from "../schema/go-format.ts";
import { equal } from "../schema/json.ts";
import type { FieldError } from "../status.ts";
import { forbidden, goText, invalid, required, supported } from "./field-errors.ts";
import { validateAnnotations, validateLabels } from "./metadata.ts";
import { validatePodSpec } from "./pods.ts";
import { goSelector, isEmptySelector, selects, validateSelector } from "./selectors.ts";

type Rolling = NonNullable<NonNullable<DeploymentSpec["strategy"]>["rollingUpdate"]>;
type Amount = NonNullable<Rolling["maxSurge"]>;

export function validateDeploymentSpec(spec: Partial<DeploymentSpec>): FieldError[] {
  const errors: FieldError[] = [...notNegative(spec.replicas, "spec.replicas")];
  const { selector, template } = spec;
  if (selector === undefined) {
    errors.push(required("spec.selector"));
  } else {
    errors.push(...validateSelector(selector, "spec.selector"));
    if (isEmptySelector(selector)) {
      errors.push(invalid("spec.selector", goText(goSelector(selector)), "empty selector is invalid for deployment"));
    }
  }
  const labels = template?.metadata?.labels;
  if (!isEmptySelector(selector) && !selects(selector ?? {}, labels)) {
    errors.push(
      invalid(
        "spec.template.metadata.labels",
        goText(goStringMap(labels)),
        "`selector` does not match template `labels`",
      ),
    );
  }
  errors.push(
    ...validateLabels(labels, "spec.template.labels"),
    ...validateAnnotations(template?.metadata?.annotations, "spec.template.annotations"),
    ...validatePodSpec(template?.spec ?? { containers: [] }, "spec.template.spec"),
  );
  const policy = template?.spec?.restartPolicy ?? "Always";
  if (["OnFailure", "Never"].includes(policy)) {
    errors.push(...supported("spec.template.spec.restartPolicy", policy, ["Always"]));
  }
  if (template?.spec?.activeDeadlineSeconds !== undefined) {
    errors.push(
      forbidden("spec.template.spec.activeDeadlineSeconds", "activeDeadlineSeconds in ReplicaSet is not Supported"),
    );
  }
  errors.push(
    ...validateStrategy(spec.strategy ?? {}),
    ...notNegative(spec.minReadySeconds, "spec.minReadySeconds"),
    ...notNegative(spec.revisionHistoryLimit, "spec.revisionHistoryLimit"),
    ...notNegative(spec.progressDeadlineSeconds, "spec.progressDeadlineSeconds"),
  );
  if (spec.progressDeadlineSeconds !== undefined && spec.progressDeadlineSeconds <= (spec.minReadySeconds ?? 0)) {
    errors.push(
      invalid("spec.progressDeadlineSeconds", spec.progressDeadlineSeconds, "must be greater than minReadySeconds"),
    );
  }
  return errors;
}

function notNegative(value: number | undefined, field: string): FieldError[] {
  return (value ?? 0) < 0 ? [invalid(field, value ?? 0, "must be greater than or equal to 0")] : [];
}

function validateStrategy(strategy: NonNullable<DeploymentSpec["strategy"]>): FieldError[] {
  const field = "spec.strategy";
  switch (strategy.type) {
    case "Recreate":
      return strategy.rollingUpdate === undefined
        ? []
        : [forbidden(`${field}.rollingUpdate`, "may not be specified when strategy `type` is 'Recreate'")];
    case "RollingUpdate":
      return strategy.rollingUpdate === undefined
        ? [required(`${field}.rollingUpdate`, "this should be defaulted and never be nil")]
        : validateRolling(strategy.rollingUpdate, `${field}.rollingUpdate`);
    default:
      return supported(`${field}.type`, strategy.type ?? "", ["Recreate", "RollingUpdate"]);
  }
}

function validateRolling(rolling: Rolling, field: string): FieldError[] {
  const unavailable = rolling.maxUnavailable ?? 0;
  const surge = rolling.maxSurge ?? 0;
  const errors = [...amountErrors(unavailable, `${field}.maxUnavailable`), ...amountErrors(surge, `${field}.maxSurge`)];
  if (amount(unavailable) === 0 && amount(surge) === 0) {
    errors.push(invalid(`${field}.maxUnavailable`, goText(goAmount(unavailable)), "may not be 0 when `maxSurge` is 0"));
  }
  if (typeof unavailable === "string" && (amount(unavailable) ?? 0) > 100) {
    errors.push(invalid(`${field}.maxUnavailable`, goText(goAmount(unavailable)), "must not be greater than 100%"));
  }
  return errors;
}

/** The number of an amount or of its percentage; undefined when it is neither. */
function amount(value: Amount): number | undefined {
  if (typeof value === "number") {
    return value;
  }
  return /^\d+%$/.test(value) ? Number(value.slice(0, -1)) : undefined;
}

function amountErrors(value: Amount, field: string): FieldError[] {
  if (typeof value === "number") {
    return notNegative(value, field);
  }
  return amount(value) === undefined
    ? [
        invalid(
          field,
          goText(goAmount(value)),
          "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%', or '93%', regex used for validation is '[0-9]+%')",
        ),
      ]
    : [];
}

function goAmount(value: Amount): string {
  return typeof value === "number"
    ? `intstr.IntOrString{Type:0, IntVal:${value}, StrVal:""}`
    : `intstr.IntOrString{Type:1, IntVal:0, StrVal:${JSON.stringify(value)}}`;
}

/** The selector is for life. */
export function validateDeploymentUpdate(spec: Partial<DeploymentSpec>, old: Partial<DeploymentSpec>): FieldError[] {
  return equal(spec.selector, old.selector)
    ? []
    : [invalid("spec.selector", goText(goSelector(spec.selector ?? {})), "field is immutable")];
}
