/** Containers of a pod, their ports, environment, probes and limits. */
import type * as z from "zod";
import {
  bool,
  dict,
  int32,
  int64,
  intOrString,
  keyed,
  list,
  mergedBy,
  quantity,
  str,
  struct,
  word,
} from "../schema/builders.ts";
import { securityContext } from "./security-context.ts";

export const containerPort = struct(
  "v1.ContainerPort",
  { containerPort: int32().describe("Port on the pod's address.") },
  {
    name: str().describe("Name that services may refer to; at most 15 characters."),
    hostPort: int32().describe("Port on the node."),
    protocol: word(["TCP", "UDP", "SCTP"], { goType: "v1.Protocol", default: "TCP" }),
    hostIP: str().describe("Address of the node to bind the host port to."),
  },
);

export const fieldRef = struct(
  "v1.ObjectFieldSelector",
  { fieldPath: str() },
  { apiVersion: str() },
  { "x-kubernetes-map-type": "atomic" },
);

export const resourceFieldRef = struct(
  "v1.ResourceFieldSelector",
  { resource: str() },
  { containerName: str(), divisor: quantity() },
  { "x-kubernetes-map-type": "atomic" },
);

const keySelector = (goType: string) =>
  struct(goType, { key: str() }, { name: str(), optional: bool() }, { "x-kubernetes-map-type": "atomic" });

export const envVar = struct(
  "v1.EnvVar",
  { name: str().describe("Name of the variable.") },
  {
    value: str().describe("Its value; `$(NAME)` refers to earlier variables."),
    valueFrom: struct(
      "v1.EnvVarSource",
      {},
      {
        fieldRef,
        resourceFieldRef,
        configMapKeyRef: keySelector("v1.ConfigMapKeySelector"),
        secretKeyRef: keySelector("v1.SecretKeySelector"),
      },
    ),
  },
);

const named = (goType: string) => struct(goType, {}, { name: str(), optional: bool() });

const handler = {
  exec: struct("v1.ExecAction", {}, { command: list(str()) }),
  httpGet: struct(
    "v1.HTTPGetAction",
    { port: intOrString() },
    {
      path: str().describe("Path of the request; / by default."),
      host: str().describe("Host of the request; the pod's address by default."),
      scheme: word(["HTTP", "HTTPS"], { goType: "v1.URIScheme" }),
      httpHeaders: list(struct("v1.HTTPHeader", { name: str(), value: str() }, {})),
    },
  ),
  tcpSocket: struct("v1.TCPSocketAction", { port: intOrString() }, { host: str() }),
};

export const probe = struct(
  "v1.Probe",
  {},
  {
    ...handler,
    grpc: struct("v1.GRPCAction", { port: int32() }, { service: str() }),
    initialDelaySeconds: int32().describe("Seconds from the start to the first probe."),
    timeoutSeconds: int32().describe("Seconds that one probe may take; 1 by default."),
    periodSeconds: int32().describe("Seconds between probes; 10 by default."),
    successThreshold: int32().describe("Successes in a row that count; 1 by default."),
    failureThreshold: int32().describe("Failures in a row that count; 3 by default."),
    terminationGracePeriodSeconds: int64().describe("Seconds to end gracefully when this probe fails."),
  },
);

const lifecycleHandler = struct(
  "v1.LifecycleHandler",
  {},
  { ...handler, sleep: struct("v1.SleepAction", { seconds: int64() }, {}) },
);

export const resources = struct(
  "v1.ResourceRequirements",
  {},
  {
    limits: dict(quantity()).describe("Most that may be used."),
    requests: dict(quantity()).describe("What is set aside."),
    claims: keyed(struct("v1.ResourceClaim", { name: str() }, { request: str() }), ["name"]).describe(
      "Claims of the pod that the container uses.",
    ),
  },
);

export const container = struct(
  "v1.Container",
  { name: str().describe("A DNS label, unique within the pod. Cannot be changed.") },
  {
    image: str().describe("What to run."),
    command: list(str()).describe("Program and arguments instead of the image's."),
    args: list(str()).describe("Arguments of the program."),
    workingDir: str().describe("Directory to start in."),
    ports: keyed(containerPort, ["containerPort", "protocol"], mergedBy("containerPort")).describe(
      "Ports that the container listens on.",
    ),
    envFrom: list(
      struct(
        "v1.EnvFromSource",
        {},
        { prefix: str(), configMapRef: named("v1.ConfigMapEnvSource"), secretRef: named("v1.SecretEnvSource") },
      ),
    ),
    env: keyed(envVar, ["name"], mergedBy("name")).describe("Environment variables."),
    resources,
    resizePolicy: list(struct("v1.ContainerResizePolicy", { resourceName: str(), restartPolicy: str() }, {})),
    restartPolicy: word(["Always"], { goType: "v1.ContainerRestartPolicy" }).describe(
      "Always makes an init container a sidecar.",
    ),
    volumeMounts: keyed(
      struct(
        "v1.VolumeMount",
        { name: str(), mountPath: str() },
        {
          readOnly: bool(),
          recursiveReadOnly: str({ goType: "v1.RecursiveReadOnlyMode" }),
          subPath: str(),
          subPathExpr: str(),
          mountPropagation: str({ goType: "v1.MountPropagationMode" }),
        },
      ),
      ["mountPath"],
      mergedBy("mountPath"),
    ),
    volumeDevices: keyed(
      struct("v1.VolumeDevice", { name: str(), devicePath: str() }, {}),
      ["devicePath"],
      mergedBy("devicePath"),
    ),
    livenessProbe: probe.describe("Restarts the container when it fails."),
    readinessProbe: probe.describe("Takes the pod out of its services while it fails."),
    startupProbe: probe.describe("Holds the other probes back until it succeeds."),
    lifecycle: struct(
      "v1.Lifecycle",
      {},
      { postStart: lifecycleHandler, preStop: lifecycleHandler, stopSignal: str() },
    ),
    terminationMessagePath: str().describe("File whose text becomes the reason of the end."),
    terminationMessagePolicy: word(["File", "FallbackToLogsOnError"], { goType: "v1.TerminationMessagePolicy" }),
    imagePullPolicy: word(["Always", "IfNotPresent", "Never"], { goType: "v1.PullPolicy" }),
    securityContext,
    stdin: bool().describe("Keep standard input open."),
    stdinOnce: bool().describe("Close standard input after the first attachment."),
    tty: bool().describe("Give the container a terminal."),
  },
);

export type Container = z.infer<typeof container>;
export type ContainerPort = z.infer<typeof containerPort>;
export type EnvVar = z.infer<typeof envVar>;
export type Probe = z.infer<typeof probe>;
