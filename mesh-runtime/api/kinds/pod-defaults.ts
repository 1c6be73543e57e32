/** Defaults of pod specs (core/v1 `SetDefaults_*`), shared by Pods and templates. */

import type { Probe } from "../pod/container.ts";
import type { Volume } from "../pod/volume.ts";
import type { Container, Pod, PodSpec } from "../pod.ts";

const defaultMode = 0o644;

/** What every pod spec gets, in a Pod or in a template. */
export function podSpecDefaults(spec: PodSpec): PodSpec {
  const account = spec.serviceAccountName || spec.serviceAccount;
  return {
    ...spec,
    restartPolicy: spec.restartPolicy || "Always",
    terminationGracePeriodSeconds: spec.terminationGracePeriodSeconds ?? 30,
    dnsPolicy: spec.dnsPolicy || "ClusterFirst",
    securityContext: spec.securityContext ?? {},
    schedulerName: spec.schedulerName || "default-scheduler",
    ...(account ? { serviceAccountName: account, serviceAccount: account } : {}),
    ...(spec.volumes ? { volumes: spec.volumes.map(volumeDefaults) } : {}),
    ...(spec.initContainers ? { initContainers: spec.initContainers.map(containerDefaults) } : {}),
    ...(spec.containers ? { containers: spec.containers.map(containerDefaults) } : {}),
  };
}

/** What only a Pod gets: requests from limits, host ports on the host's network, service links. */
export function podDefaults(pod: Pod): Pod {
  if (!pod.spec) {
    return { ...pod, spec: podDefaultsOf(podSpecDefaults({ containers: [] })) };
  }
  return { ...pod, spec: podDefaultsOf(podSpecDefaults(pod.spec)) };
}

function podDefaultsOf(spec: PodSpec): PodSpec {
  const each = (container: Container) => requestsFromLimits(spec.hostNetwork ? hostPorts(container) : container);
  return {
    ...spec,
    enableServiceLinks: spec.enableServiceLinks ?? true,
    ...(spec.initContainers ? { initContainers: spec.initContainers.map(each) } : {}),
    containers: (spec.containers ?? []).map(each),
  };
}

function requestsFromLimits(container: Container): Container {
  const { limits } = container.resources ?? {};
  return limits === undefined
    ? container
    : {
        ...container,
        resources: { ...container.resources, requests: { ...limits, ...container.resources?.requests } },
      };
}

function hostPorts(container: Container): Container {
  return container.ports === undefined
    ? container
    : {
        ...container,
        ports: container.ports.map((port) => ({ ...port, hostPort: port.hostPort || port.containerPort })),
      };
}

function containerDefaults(container: Container): Container {
  return {
    ...container,
    ...(container.ports
      ? { ports: container.ports.map((port) => ({ ...port, protocol: port.protocol || "TCP" })) }
      : {}),
    ...(container.env ? { env: container.env.map(envDefaults) } : {}),
    resources: container.resources ?? {},
    ...(container.livenessProbe ? { livenessProbe: probeDefaults(container.livenessProbe) } : {}),
    ...(container.readinessProbe ? { readinessProbe: probeDefaults(container.readinessProbe) } : {}),
    ...(container.startupProbe ? { startupProbe: probeDefaults(container.startupProbe) } : {}),
    terminationMessagePath: container.terminationMessagePath || "/dev/termination-log",
    terminationMessagePolicy: container.terminationMessagePolicy || "File",
    imagePullPolicy: container.imagePullPolicy || pullPolicy(container.image ?? ""),
  };
}

/** Always for `latest` (or no tag, no digest), IfNotPresent otherwise. */
function pullPolicy(image: string): "Always" | "IfNotPresent" {
  const [reference = "", digest] = image.split("@");
  const name = reference.slice(reference.lastIndexOf("/") + 1);
  const tag = name.includes(":") ? name.slice(name.indexOf(":") + 1) : "";
  return tag === "latest" || (tag === "" && digest === undefined) ? "Always" : "IfNotPresent";
}

function envDefaults(variable: NonNullable<Container["env"]>[number]) {
  const { fieldRef } = variable.valueFrom ?? {};
  return fieldRef === undefined
    ? variable
    : {
        ...variable,
        valueFrom: { ...variable.valueFrom, fieldRef: { ...fieldRef, apiVersion: fieldRef.apiVersion || "v1" } },
      };
}

function probeDefaults(probe: Probe): Probe {
  return {
    ...probe,
    ...(probe.httpGet
      ? { httpGet: { ...probe.httpGet, path: probe.httpGet.path || "/", scheme: probe.httpGet.scheme || "HTTP" } }
      : {}),
    ...(probe.grpc ? { grpc: { ...probe.grpc, service: probe.grpc.service ?? "" } } : {}),
    timeoutSeconds: probe.timeoutSeconds || 1,
    periodSeconds: probe.periodSeconds || 10,
    successThreshold: probe.successThreshold || 1,
    failureThreshold: probe.failureThreshold || 3,
  };
}

function volumeDefaults(volume: Volume): Volume {
  const sources = Object.keys(volume).filter((key) => key !== "name");
  return {
    ...volume,
    ...(sources.length === 0 ? { emptyDir: {} } : {}),
    ...(volume.configMap ? { configMap: { defaultMode, ...volume.configMap } } : {}),
    ...(volume.secret ? { secret: { defaultMode, ...volume.secret } } : {}),
    ...(volume.downwardAPI ? { downwardAPI: { defaultMode, ...volume.downwardAPI } } : {}),
    ...(volume.hostPath ? { hostPath: { type: "", ...volume.hostPath } } : {}),
    ...(volume.projected ? { projected: projectedDefaults(volume.projected) } : {}),
  };
}

function projectedDefaults(projected: NonNullable<Volume["projected"]>) {
  return {
    defaultMode,
    ...projected,
    ...(projected.sources
      ? {
          sources: projected.sources.map((source) =>
            source.serviceAccountToken
              ? { ...source, serviceAccountToken: { expirationSeconds: 3600, ...source.serviceAccountToken } }
              : source,
          ),
        }
      : {}),
  };
}
