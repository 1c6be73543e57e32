/** Where an answer came from; what every demo service says about itself. */
export interface PodIdentity {
  readonly service: string;
  readonly version: string;
  readonly namespace: string;
  readonly pod: string;
  readonly node: string;
}

/** Reads the pod's identity from the environment that the node runner gives (Kubernetes' downward API names). */
export function podIdentity(service: string, version: string, env: NodeJS.ProcessEnv = process.env): PodIdentity {
  return {
    service,
    version,
    namespace: env["POD_NAMESPACE"] ?? "",
    pod: env["POD_NAME"] ?? "",
    node: env["NODE_NAME"] ?? "",
  };
}
