/** Validation of pod specs, as core/v1 `ValidatePodSpec` does it; shared by Pods and templates. */
import type { Container, Pod, PodSpec } from "../pod.ts";
import { equal } from "../schema/json.ts";
import type { FieldError } from "../status.ts";
import { validateContainer } from "./containers.ts";
import { duplicate, forbidden, invalid, required, supported } from "./field-errors.ts";
import { validateLabels } from "./metadata.ts";
import { dnsLabel, dnsSubdomain } from "./names.ts";

const dnsPolicies = ["ClusterFirst", "ClusterFirstWithHostNet", "Default", "None"];

export function validatePodSpec(spec: PodSpec, field: string): FieldError[] {
  const volumes = new Set<string>();
  const errors: FieldError[] = [];
  for (const [i, volume] of (spec.volumes ?? []).entries()) {
    const at = `${field}.volumes[${i}].name`;
    if (!volume.name) {
      errors.push(required(at));
    } else {
      errors.push(...dnsLabel(volume.name).map((text) => invalid(at, volume.name, text)));
      if (volumes.has(volume.name)) {
        errors.push(duplicate(at, volume.name));
      }
    }
    volumes.add(volume.name);
    if (Object.keys(volume).length > 2) {
      errors.push(forbidden(`${field}.volumes[${i}]`, "may not specify more than 1 volume type"));
    }
  }
  const around = { volumes, hostNetwork: spec.hostNetwork ?? false, names: new Set<string>() };
  const containers = spec.containers ?? [];
  if (containers.length === 0) {
    errors.push(required(`${field}.containers`));
  }
  for (const [i, container] of containers.entries()) {
    const at = `${field}.containers[${i}]`;
    errors.push(...validateContainer(container, at, around));
    if (container.restartPolicy !== undefined) {
      errors.push(forbidden(`${at}.restartPolicy`, "may not be set for non-init containers"));
    }
  }
  for (const [i, container] of (spec.initContainers ?? []).entries()) {
    errors.push(...validateInitContainer(container, `${field}.initContainers[${i}]`, around));
  }
  errors.push(
    ...supported(`${field}.restartPolicy`, spec.restartPolicy ?? "Always", ["Always", "OnFailure", "Never"]),
    ...supported(`${field}.dnsPolicy`, spec.dnsPolicy ?? "ClusterFirst", dnsPolicies),
    ...validateLabels(spec.nodeSelector, `${field}.nodeSelector`),
  );
  for (const name of ["serviceAccountName", "nodeName"] as const) {
    const value = spec[name];
    if (value) {
      errors.push(...dnsSubdomain(value).map((text) => invalid(`${field}.${name}`, value, text)));
    }
  }
  for (const name of ["hostname", "subdomain"] as const) {
    const value = spec[name];
    if (value) {
      errors.push(...dnsLabel(value).map((text) => invalid(`${field}.${name}`, value, text)));
    }
  }
  if ((spec.terminationGracePeriodSeconds ?? 0) < 0) {
    errors.push(
      invalid(
        `${field}.terminationGracePeriodSeconds`,
        spec.terminationGracePeriodSeconds ?? 0,
        "must be greater than or equal to 0",
      ),
    );
  }
  if (spec.activeDeadlineSeconds !== undefined && spec.activeDeadlineSeconds < 1) {
    errors.push(
      invalid(
        `${field}.activeDeadlineSeconds`,
        spec.activeDeadlineSeconds,
        "must be between 1 and 2147483647, inclusive",
      ),
    );
  }
  return errors;
}

function validateInitContainer(
  container: Container,
  field: string,
  around: Parameters<typeof validateContainer>[2],
): FieldError[] {
  const errors = validateContainer(container, field, around);
  const sidecar = container.restartPolicy === "Always";
  if (container.restartPolicy !== undefined && !sidecar) {
    errors.push(...supported(`${field}.restartPolicy`, container.restartPolicy, ["Always"]));
  }
  if (!sidecar) {
    for (const probe of ["livenessProbe", "readinessProbe", "startupProbe"] as const) {
      if (container[probe] !== undefined) {
        errors.push(forbidden(`${field}.${probe}`, "may not be set for init containers without restartPolicy=Always"));
      }
    }
  }
  return errors;
}

const updateText =
  "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)";

/** A stored pod's wish is fixed, but for images, deadlines and added tolerations. */
export function validatePodUpdate(pod: Pod, old: Pod): FieldError[] {
  const spec = pod.spec ?? { containers: [] };
  const before = old.spec ?? { containers: [] };
  const errors: FieldError[] = [];
  for (const list of ["containers", "initContainers"] as const) {
    const count = spec[list]?.length ?? 0;
    if (count !== (before[list]?.length ?? 0)) {
      return [forbidden(`spec.${list}`, "pod updates may not add or remove containers")];
    }
  }
  const changed = changedFields(mutable(spec, before), before);
  if (changed.length > 0) {
    errors.push(forbidden("spec", `${updateText}\nchanged: ${changed.join(", ")}`));
  }
  return errors;
}

/** True when every toleration of before is still there, its seconds aside. */
function onlyAddsTolerations(spec: PodSpec, before: PodSpec): boolean {
  return (before.tolerations ?? []).every((toleration) =>
    (spec.tolerations ?? []).some((other) =>
      equal({ ...other, tolerationSeconds: toleration.tolerationSeconds }, toleration),
    ),
  );
}

/** `spec` with everything that may change put back. (A node is bound by the binding subresource, not by an update.) */
function mutable(spec: PodSpec, before: PodSpec): PodSpec {
  const images = (list: "containers" | "initContainers") =>
    spec[list] === undefined
      ? {}
      : { [list]: spec[list].map((container, i) => ({ ...container, image: before[list]?.[i]?.image })) };
  return {
    ...spec,
    ...images("containers"),
    ...images("initContainers"),
    ...(onlyAddsTolerations(spec, before) ? { tolerations: before.tolerations } : {}),
    activeDeadlineSeconds: before.activeDeadlineSeconds,
    ...(spec.terminationGracePeriodSeconds === 1 && (before.terminationGracePeriodSeconds ?? 0) < 0
      ? { terminationGracePeriodSeconds: before.terminationGracePeriodSeconds }
      : {}),
  };
}

function changedFields(spec: PodSpec, before: PodSpec): string[] {
  const keys = new Set([...Object.keys(spec), ...Object.keys(before)]);
  return [...keys]
    .filter((key) => !equal(spec[key as keyof PodSpec], before[key as keyof PodSpec]))
    .sort()
    .map((key) => `spec.${key}`);
}

/** Warnings of a pod spec: definitions that hide others. */
export function podWarnings(spec: PodSpec | undefined, field: string): string[] {
  const warnings: string[] = [];
  for (const list of ["initContainers", "containers"] as const) {
    for (const [i, container] of (spec?.[list] ?? []).entries()) {
      const at = `${field}.${list}[${i}]`;
      const ports = new Map<string, number>();
      for (const [p, port] of (container.ports ?? []).entries()) {
        const key = `${port.containerPort}/${port.protocol ?? "TCP"}/${port.hostPort ?? 0}/${port.hostIP ?? ""}`;
        const first = ports.get(key);
        if (first !== undefined) {
          warnings.push(`${at}.ports[${p}]: duplicate port definition with ${at}.ports[${first}]`);
        }
        ports.set(key, p);
      }
      const names = new Set<string>();
      for (const [e, variable] of (container.env ?? []).entries()) {
        if (names.has(variable.name)) {
          warnings.push(
            `${at}.env[${e}]: hides previous definition of ${JSON.stringify(variable.name)}, which may be dropped when using apply`,
          );
        }
        names.add(variable.name);
      }
    }
  }
  return warnings;
}
