import { expect, test } from "vitest";
import { ignoredFeatures } from "./ignored-features.ts";
import type { Container, Pod } from "./pod-types.ts";

type Spec = NonNullable<Pod["spec"]>;
const of = (
  container: Partial<Container>,
  spec: Partial<Spec> = {},
  annotations: Record<string, string> = {},
): string[] =>
  ignoredFeatures({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { annotations },
    spec: { containers: [{ name: "app", ...container }], ...spec },
  });

test.each<[string, string[], string[]]>([
  ["an ordinary pod", of({ ports: [{ containerPort: 80 }] }), []],
  [
    "the token volume of every pod",
    of(
      { volumeMounts: [{ name: "kube-api-access-x", mountPath: "/x" }] },
      { volumes: [{ name: "kube-api-access-x" }] },
    ),
    [],
  ],
  [
    "a mounted volume",
    of({ volumeMounts: [{ name: "data", mountPath: "/data" }] }, { volumes: [{ name: "data", emptyDir: {} }] }),
    ["mount volumes (data)"],
  ],
  ["a host port", of({ ports: [{ containerPort: 80, hostPort: 80 }] }), ["publish host ports"]],
  [
    "a host port of a proxy",
    of({ ports: [{ containerPort: 80, hostPort: 80 }] }, {}, { "towpath.dev/network": "direct" }),
    [],
  ],
  ["UDP", of({ ports: [{ containerPort: 53, protocol: "UDP" }] }), ["carry UDP or SCTP"]],
  ["limits", of({ resources: { limits: { cpu: "1" } } }), ["enforce resource limits"]],
  ["a user", of({ securityContext: { runAsUser: 1 } }), ["run as another user"]],
  ["a hook", of({ lifecycle: { preStop: { sleep: { seconds: 1 } } } }), ["run lifecycle hooks"]],
  ["a gRPC probe", of({ livenessProbe: { grpc: { port: 1 } } }), ["probe by gRPC"]],
])("%s", (_, found, expected) => {
  expect(found).toEqual(expected);
});
