/** Validation of containers, as core/v1 `validateContainers` does it. */

import type { Probe } from "../pod/container.ts";
import type { Container } from "../pod.ts";
import { parseQuantity } from "../schema/quantity.ts";
import type { FieldError } from "../status.ts";
import { duplicate, forbidden, invalid, notFound, notSupported, required, supported } from "./field-errors.ts";
import { dnsLabel, envVarName, isIp, portName, portNumber } from "./names.ts";

/** What containers may refer to. */
export interface ContainerSurroundings {
  readonly volumes: ReadonlySet<string>;
  readonly hostNetwork: boolean;
  /** Names taken by earlier containers of the pod; grows. */
  readonly names: Set<string>;
}

export function validateContainer(container: Container, field: string, around: ContainerSurroundings): FieldError[] {
  const errors: FieldError[] = [];
  if (!container.name) {
    errors.push(required(`${field}.name`));
  } else {
    errors.push(...dnsLabel(container.name).map((text) => invalid(`${field}.name`, container.name, text)));
    if (around.names.has(container.name)) {
      errors.push(duplicate(`${field}.name`, container.name));
    }
    around.names.add(container.name);
  }
  if (!container.image) {
    errors.push(required(`${field}.image`));
  } else if (container.image.trim() !== container.image) {
    errors.push(invalid(`${field}.image`, container.image, "must not have leading or trailing whitespace"));
  }
  errors.push(
    ...validateContainerPorts(container.ports ?? [], `${field}.ports`, around.hostNetwork),
    ...validateEnvironment(container, field),
    ...validateMounts(container, `${field}.volumeMounts`, around.volumes),
    ...validateResources(container, `${field}.resources`),
    ...supported(`${field}.imagePullPolicy`, container.imagePullPolicy ?? "Always", [
      "Always",
      "IfNotPresent",
      "Never",
    ]),
    ...supported(`${field}.terminationMessagePolicy`, container.terminationMessagePolicy ?? "File", [
      "File",
      "FallbackToLogsOnError",
    ]),
    ...validateProbe(container.livenessProbe, `${field}.livenessProbe`, true),
    ...validateProbe(container.readinessProbe, `${field}.readinessProbe`, false),
    ...validateProbe(container.startupProbe, `${field}.startupProbe`, true),
  );
  return errors;
}

function validateContainerPorts(
  ports: NonNullable<Container["ports"]>,
  field: string,
  hostNetwork: boolean,
): FieldError[] {
  const names = new Set<string>();
  return ports.flatMap((port, i) => {
    const at = `${field}[${i}]`;
    const errors: FieldError[] = [];
    if (port.name) {
      const { name } = port;
      const wrong = portName(name).map((text) => invalid(`${at}.name`, name, text));
      errors.push(...wrong);
      if (wrong.length === 0 && names.has(name)) {
        errors.push(duplicate(`${at}.name`, name));
      }
      names.add(name);
    }
    if (!port.containerPort) {
      errors.push(required(`${at}.containerPort`));
    } else {
      errors.push(
        ...portNumber(port.containerPort).map((text) => invalid(`${at}.containerPort`, port.containerPort, text)),
      );
    }
    if (port.hostPort) {
      const { hostPort } = port;
      errors.push(...portNumber(hostPort).map((text) => invalid(`${at}.hostPort`, hostPort, text)));
      if (hostNetwork && hostPort !== port.containerPort) {
        errors.push(invalid(`${at}.hostPort`, hostPort, "must match `containerPort` when `hostNetwork` is true"));
      }
    }
    if (port.hostIP && !isIp(port.hostIP)) {
      errors.push(
        invalid(`${at}.hostIP`, port.hostIP, "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"),
      );
    }
    errors.push(...supported(`${at}.protocol`, port.protocol ?? "", ["SCTP", "TCP", "UDP"]));
    return errors;
  });
}

function validateEnvironment(container: Container, field: string): FieldError[] {
  const errors = (container.env ?? []).flatMap((variable, i) => {
    const at = `${field}.env[${i}]`;
    if (!variable.name) {
      return [required(`${at}.name`)];
    }
    const wrong = envVarName(variable.name).map((text) => invalid(`${at}.name`, variable.name, text));
    const sources = Object.keys(variable.valueFrom ?? {}).length;
    if (variable.valueFrom !== undefined) {
      if (sources === 0) {
        wrong.push(
          invalid(
            `${at}.valueFrom`,
            "",
            "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`",
          ),
        );
      } else if (sources > 1) {
        wrong.push(invalid(`${at}.valueFrom`, "", "may not have more than one field specified at a time"));
      }
      if (variable.value) {
        wrong.push(invalid(`${at}.valueFrom`, "", "may not be specified when `value` is not empty"));
      }
    }
    return wrong;
  });
  for (const [i, source] of (container.envFrom ?? []).entries()) {
    const count = [source.configMapRef, source.secretRef].filter((ref) => ref !== undefined).length;
    if (count === 0) {
      errors.push(invalid(`${field}.envFrom[${i}]`, "", "must specify one of: `configMapRef` or `secretRef`"));
    } else if (count > 1) {
      errors.push(invalid(`${field}.envFrom[${i}]`, "", "may not have more than one field specified at a time"));
    }
  }
  return errors;
}

function validateMounts(container: Container, field: string, volumes: ReadonlySet<string>): FieldError[] {
  const paths = new Set<string>();
  return (container.volumeMounts ?? []).flatMap((mount, i) => {
    const at = `${field}[${i}]`;
    const errors: FieldError[] = [];
    if (!mount.name) {
      errors.push(required(`${at}.name`));
    } else if (!volumes.has(mount.name)) {
      errors.push(notFound(`${at}.name`, mount.name));
    }
    if (!mount.mountPath) {
      errors.push(required(`${at}.mountPath`));
    } else if (paths.has(mount.mountPath)) {
      errors.push(invalid(`${at}.mountPath`, mount.mountPath, "must be unique"));
    }
    paths.add(mount.mountPath);
    if (mount.subPath && (mount.subPath.startsWith("/") || mount.subPath.split("/").includes(".."))) {
      const text = mount.subPath.startsWith("/") ? "must be a relative path" : "must not contain '..'";
      errors.push(invalid(`${at}.subPath`, mount.subPath, text));
    }
    return errors;
  });
}

const resourceWords = new Set(["cpu", "memory", "ephemeral-storage"]);

function validateResources(container: Container, field: string): FieldError[] {
  const { limits = {}, requests = {} } = container.resources ?? {};
  const errors: FieldError[] = [];
  for (const [list, name] of [
    [limits, "limits"],
    [requests, "requests"],
  ] as const) {
    for (const [resource, amount] of Object.entries(list)) {
      const at = `${field}.${name}[${resource}]`;
      if (!resource.includes("/") && !resourceWords.has(resource) && !resource.startsWith("hugepages-")) {
        errors.push(invalid(at, resource, "must be a standard resource for containers"));
      }
      if ((parseQuantity(amount)?.nanos ?? 0n) < 0n) {
        errors.push(invalid(at, amount, "must be greater than or equal to 0"));
      }
    }
  }
  for (const [resource, amount] of Object.entries(requests)) {
    const limit = limits[resource];
    if (limit !== undefined && (parseQuantity(amount)?.nanos ?? 0n) > (parseQuantity(limit)?.nanos ?? 0n)) {
      errors.push(invalid(`${field}.requests`, amount, `must be less than or equal to ${resource} limit of ${limit}`));
    }
  }
  return errors;
}

function validateProbe(probe: Probe | undefined, field: string, onlyOneSuccess: boolean): FieldError[] {
  if (probe === undefined) {
    return [];
  }
  const errors: FieldError[] = [];
  const handlers = (["exec", "httpGet", "tcpSocket", "grpc"] as const).filter((name) => probe[name] !== undefined);
  if (handlers.length === 0) {
    errors.push(required(field, "must specify a handler type"));
  }
  for (const extra of handlers.slice(1)) {
    errors.push(forbidden(`${field}.${extra}`, "may not specify more than 1 handler type"));
  }
  if (probe.exec && (probe.exec.command ?? []).length === 0) {
    errors.push(required(`${field}.exec.command`));
  }
  if (probe.httpGet) {
    errors.push(...validatePort(probe.httpGet.port, `${field}.httpGet.port`));
    if (!["HTTP", "HTTPS"].includes(probe.httpGet.scheme ?? "HTTP")) {
      errors.push(notSupported(`${field}.httpGet.scheme`, probe.httpGet.scheme ?? "", ["HTTP", "HTTPS"]));
    }
  }
  if (probe.tcpSocket) {
    errors.push(...validatePort(probe.tcpSocket.port, `${field}.tcpSocket.port`));
  }
  if (probe.grpc) {
    errors.push(...validatePort(probe.grpc.port, `${field}.grpc.port`));
  }
  for (const name of [
    "initialDelaySeconds",
    "timeoutSeconds",
    "periodSeconds",
    "successThreshold",
    "failureThreshold",
  ] as const) {
    const value = probe[name] ?? 0;
    if (value < 0) {
      errors.push(invalid(`${field}.${name}`, value, "must be greater than or equal to 0"));
    }
  }
  if (onlyOneSuccess && (probe.successThreshold ?? 1) > 1) {
    errors.push(invalid(`${field}.successThreshold`, probe.successThreshold ?? 0, "must be 1"));
  }
  return errors;
}

/** A number in range, or the form of a port name. */
export function validatePort(port: number | string, field: string): FieldError[] {
  return typeof port === "number"
    ? portNumber(port).map((text) => invalid(field, port, text))
    : portName(port).map((text) => invalid(field, port, text));
}
