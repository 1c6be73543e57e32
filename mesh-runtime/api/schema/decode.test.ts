import { describe, expect, test } from "vitest";
import { deploymentKind } from "../kinds/deployment.ts";
import { podKind } from "../kinds/pod.ts";
import { secretKind } from "../kinds/secret.ts";
import { serviceKind } from "../kinds/service.ts";
import { decode } from "./decode.ts";

const pod = (container: object) => ({ spec: { containers: [{ name: "a", ...container }] } });

describe("values of a wrong type end decoding with Go's words", () => {
  test.each([
    [
      serviceKind,
      { spec: { ports: [{ port: "80" }] } },
      "json: cannot unmarshal string into Go struct field ServicePort.spec.ports.port of type int32",
    ],
    [
      serviceKind,
      { spec: { ports: {} } },
      "json: cannot unmarshal object into Go struct field ServiceSpec.spec.ports of type []v1.ServicePort",
    ],
    [
      serviceKind,
      { spec: { selector: ["a"] } },
      "json: cannot unmarshal array into Go struct field ServiceSpec.spec.selector of type map[string]string",
    ],
    [
      serviceKind,
      { spec: "x" },
      "json: cannot unmarshal string into Go struct field Service.spec of type v1.ServiceSpec",
    ],
    [
      serviceKind,
      { spec: { ports: [{ port: 80, targetPort: true }] } },
      "json: cannot unmarshal bool into Go value of type int32",
    ],
    [
      deploymentKind,
      { spec: { replicas: 1.5 } },
      "json: cannot unmarshal number 1.5 into Go struct field DeploymentSpec.spec.replicas of type int32",
    ],
    [
      deploymentKind,
      { spec: { replicas: 2 ** 31 } },
      "json: cannot unmarshal number 2147483648 into Go struct field DeploymentSpec.spec.replicas of type int32",
    ],
    [
      podKind,
      pod({ tty: "yes" }),
      "json: cannot unmarshal string into Go struct field Container.spec.containers.tty of type bool",
    ],
    [
      podKind,
      pod({ resources: { limits: { cpu: "1x" } } }),
      "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
    ],
    [secretKind, { data: { a: "%%%" } }, "illegal base64 data at input byte 0"],
    [
      podKind,
      { metadata: { labels: { a: 1 } } },
      "json: cannot unmarshal number into Go struct field ObjectMeta.metadata.labels of type string",
    ],
  ])("%#", (kind, body, text) => {
    expect(decode(kind.schema, body).error).toBe(text);
  });
});

test("nulls are nothing, except inside lists and maps, where they are empty", () => {
  const { object, error } = decode(serviceKind.schema, {
    metadata: { labels: { a: null } },
    spec: { type: null, ports: [null], clusterIPs: [null] },
  });
  expect(error).toBeUndefined();
  expect(object).toEqual({ metadata: { labels: { a: "" } }, spec: { ports: [{ port: 0 }], clusterIPs: [""] } });
});

test("required scalars are there, empty, when the body has none", () => {
  const { object } = decode(podKind.schema, pod({ ports: [{}], livenessProbe: { tcpSocket: {} } }));
  expect(object).toEqual(pod({ ports: [{ containerPort: 0 }], livenessProbe: { tcpSocket: { port: 0 } } }));
});

test("unknown fields are dropped and named by their path", () => {
  const { object, unknown } = decode(podKind.schema, {
    spek: 1,
    ...pod({ env: [{ name: "A", vaule: "x" }] }),
  });
  expect(unknown).toEqual(["spek", "spec.containers[0].env[0].vaule"]);
  expect(object).toEqual(pod({ env: [{ name: "A" }] }));
});

test("quantities may be numbers and are stored in canonical form", () => {
  const { object } = decode(podKind.schema, pod({ resources: { requests: { cpu: 0.5, memory: "2048Ki" } } }));
  expect(object).toEqual(pod({ resources: { requests: { cpu: "500m", memory: "2Mi" } } }));
});

test("keys of prototypes are ordinary keys", () => {
  const body = JSON.parse('{"metadata": {"labels": {"__proto__": "x", "constructor": "y"}}, "toString": 1}');
  const { object, unknown } = decode(podKind.schema, body);
  expect(unknown).toEqual(["toString"]);
  expect(JSON.stringify(object)).toBe('{"metadata":{"labels":{"__proto__":"x","constructor":"y"}}}');
});
