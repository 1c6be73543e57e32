import { expect, test } from "vitest";
import { translate } from "../translate.ts";
import { facts, worldOf } from "../world.suite.ts";

const asks = (value: string) => ({ "ambient.istio.io/xfcc-include-client-identity": value });

interface Asked {
  readonly gateway?: Readonly<Record<string, string>>;
  readonly pods?: Readonly<Record<string, string>>;
  readonly ofClass?: Readonly<Record<string, string>>;
}

function told({ gateway = {}, pods, ofClass = {} }: Asked): string | undefined {
  const objects = [
    {
      apiVersion: "gateway.networking.k8s.io/v1",
      kind: "GatewayClass",
      metadata: { name: "istio-waypoint", annotations: ofClass },
      spec: { controllerName: "istio.io/mesh-controller" },
    },
    {
      apiVersion: "gateway.networking.k8s.io/v1",
      kind: "Gateway",
      metadata: { name: "waypoint", namespace: "shop", annotations: gateway },
      spec: {
        gatewayClassName: "istio-waypoint",
        ...(pods === undefined ? {} : { infrastructure: { annotations: pods } }),
        listeners: [{ name: "mesh", port: 15_008, protocol: "HBONE" }],
      },
      status: { addresses: [{ type: "IPAddress", value: "10.0.0.1" }] },
    },
  ];
  return translate(worldOf(objects), facts).proxyConfigs.get("shop/waypoint")?.config.tellsCallersAs;
}

const itself = "spiffe://cluster.local/ns/shop/sa/waypoint";
test.each<[string, Asked, string]>([
  ["nobody asks", {}, ""],
  ["its Gateway asks", { gateway: asks("true") }, itself],
  ["in capitals", { gateway: asks("TRUE") }, itself],
  ["with another word", { gateway: asks("yes") }, ""],
  ["its class asks", { ofClass: asks("true") }, itself],
  ["its class asks and it refuses", { ofClass: asks("true"), gateway: asks("false") }, ""],
  ["annotations for its pods take the place of its own", { gateway: asks("true"), pods: {} }, ""],
  ["annotations for its pods ask", { pods: asks("true") }, itself],
])("a waypoint tells callers: %s", (_when, asked, expected) => {
  expect(told(asked)).toBe(expected);
});
