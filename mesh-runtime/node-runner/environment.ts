import type { Container, EnvVar, Pod } from "./pod-types.ts";

/** What a container's environment is made of besides its own `env`. */
export interface EnvironmentFacts {
  readonly pod: Pod;
  readonly container: Container;
  readonly podIP: string;
  readonly nodeName: string;
  readonly hostIP: string;
  /** Private port of 127.0.0.1 by container port. */
  readonly appPorts: ReadonlyMap<number, number>;
  readonly path: string;
  readonly home: string;
  /** Where Node keeps compiled code, so that the next process of a program starts in half the time. */
  readonly compileCache: string;
  /** Variables for proxy pods (`towpath.dev/network: direct`); these have no outbound front. */
  readonly proxy?: Readonly<Record<string, string>>;
}

/** Why an environment cannot be made. */
export class EnvironmentError extends Error {
  override readonly name = "EnvironmentError";
  readonly code: "CreateContainerConfigError";

  constructor(message: string) {
    super(message);
    this.code = "CreateContainerConfigError";
  }
}

/**
 * The environment of a container: the mesh's variables first, then `env` in order, each of which may refer to earlier
 * ones as `$(NAME)`. Nothing is inherited from the node runner but what is passed in.
 * @throws EnvironmentError when a variable comes from something that the embedded mesh does not have.
 */
export function containerEnvironment(facts: EnvironmentFacts): Record<string, string> {
  const { pod, container, podIP, nodeName, appPorts } = facts;
  const env: Record<string, string> = {
    PATH: facts.path,
    HOME: facts.home,
    TMPDIR: facts.home,
    LANG: "C.UTF-8",
    NODE_COMPILE_CACHE: facts.compileCache,
    HOSTNAME: pod.metadata?.name ?? "",
    POD_NAME: pod.metadata?.name ?? "",
    POD_NAMESPACE: pod.metadata?.namespace ?? "",
    POD_IP: podIP,
    NODE_NAME: nodeName,
    ...(facts.proxy ?? outboundVariables(podIP)),
  };
  for (const [index, { containerPort }] of (container.ports ?? []).entries()) {
    // A proxy pod binds its own address and needs no private port.
    const port = String(facts.proxy === undefined ? (appPorts.get(containerPort) ?? containerPort) : containerPort);
    env[`PORT_${containerPort}`] ??= port;
    if (index === 0) {
      env["PORT"] = port;
    }
  }
  if ((container.envFrom ?? []).length > 0) {
    throw new EnvironmentError("envFrom needs ConfigMaps or Secrets, which the embedded mesh does not serve yet");
  }
  for (const variable of container.env ?? []) {
    env[variable.name] = variableValue(variable, facts, env);
  }
  return env;
}

/**
 * Calls out go to the pod's own front. Both cases of each name, because programs differ; `no_proxy` is set empty so that
 * a value of the host cannot open a way round.
 */
function outboundVariables(podIP: string): Record<string, string> {
  const front = `http://${podIP}:15001`;
  const result: Record<string, string> = { NODE_USE_ENV_PROXY: "1", no_proxy: "", NO_PROXY: "" };
  for (const name of ["http_proxy", "https_proxy", "all_proxy"]) {
    result[name] = front;
    result[name.toUpperCase()] = front;
  }
  return result;
}

function variableValue(variable: EnvVar, facts: EnvironmentFacts, before: Readonly<Record<string, string>>): string {
  const source = variable.valueFrom;
  if (source === undefined) {
    return expand(variable.value ?? "", before);
  }
  if (source.fieldRef?.fieldPath !== undefined) {
    return fieldValue(source.fieldRef.fieldPath, facts);
  }
  throw new EnvironmentError(`env ${variable.name}: only fieldRef is supported in valueFrom`);
}

/** Kubernetes' `$(NAME)`: unknown names stay as they are, `$$(NAME)` is a literal `$(NAME)`. */
export function expand(text: string, env: Readonly<Record<string, string>>): string {
  return text.replace(/\$\$|\$\(([A-Za-z_.-][A-Za-z0-9_.-]*)\)/g, (whole, name: string | undefined) => {
    if (name === undefined) {
      return "$";
    }
    return Object.hasOwn(env, name) ? (env[name] ?? "") : whole;
  });
}

/** The downward API (core/v1 ObjectFieldSelector). */
function fieldValue(path: string, { pod, podIP, nodeName, hostIP }: EnvironmentFacts): string {
  const keyed = /^metadata\.(labels|annotations)\['([^']+)'\]$/.exec(path);
  if (keyed?.[1] !== undefined && keyed[2] !== undefined) {
    return pod.metadata?.[keyed[1] as "labels" | "annotations"]?.[keyed[2]] ?? "";
  }
  switch (path) {
    case "metadata.name":
      return pod.metadata?.name ?? "";
    case "metadata.namespace":
      return pod.metadata?.namespace ?? "";
    case "metadata.uid":
      return pod.metadata?.uid ?? "";
    case "spec.nodeName":
      return nodeName;
    case "spec.serviceAccountName":
      return pod.spec?.serviceAccountName ?? "default";
    case "status.hostIP":
    case "status.hostIPs":
      return hostIP;
    case "status.podIP":
    case "status.podIPs":
      return podIP;
    default:
      throw new EnvironmentError(`fieldRef ${JSON.stringify(path)} is not supported`);
  }
}
