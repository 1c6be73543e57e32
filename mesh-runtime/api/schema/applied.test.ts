import { expect, test } from "vitest";
import { gatewayKind } from "../kinds/gateway.ts";
import { podKind } from "../kinds/pod.ts";
import { serviceKind } from "../kinds/service.ts";
import { checkApplied } from "./applied.ts";

test.each([
  [
    serviceKind,
    { spec: { ports: [{ port: 80, target: 1 }] } },
    ['.spec.ports[port=80,protocol="TCP"].target: field not declared in schema'],
  ],
  [
    serviceKind,
    { spec: { ports: [{ port: 80 }, { port: 80, protocol: "TCP" }] } },
    ['.spec.ports: duplicate entries for key [port=80,protocol="TCP"]'],
  ],
  [gatewayKind, { spec: { listeners: { a: 1 } } }, [".spec.listeners: expected list, got &{map[a:1]}"]],
  [
    podKind,
    { spec: { containers: [{ name: "a", env: [{ name: "A", value: true }] }] } },
    ['.spec.containers[name="a"].env[name="A"].value: expected string, got &value.valueUnstructured{Value:true}'],
  ],
  [podKind, { spec: { containers: [{ name: "a", resources: { limits: { cpu: 1 } } }] } }, []],
  [podKind, { metadata: { finalizers: ["a/b", "a/b"] } }, ['.metadata.finalizers: duplicate entries for key [="a/b"]']],
])("%#", (kind, body, errors) => {
  expect(checkApplied(kind.schema, body)).toEqual(errors);
});
