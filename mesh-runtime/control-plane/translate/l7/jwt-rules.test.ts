import { expect, it } from "vitest";
import { worldOf } from "../world.suite.ts";
import { sourcesOfIssuers } from "./jwt-rules.ts";

it("the sources of an issuer are those of every rule about it, whatever they are, but no inline keys", () => {
  const authentication = (name: string, ...jwtRules: object[]) => ({
    kind: "RequestAuthentication",
    metadata: { namespace: "shop", name },
    spec: { targetRefs: [{ group: "", kind: "Service", name: "reviews" }], jwtRules },
  });
  const issuer = "https://issuer.example";
  const world = worldOf([
    authentication(
      "uri",
      { issuer, jwksUri: "https://keys.example/a" },
      { issuer: "other", jwksUri: "https://o.example" },
    ),
    authentication("discovery", { issuer }),
    authentication("again", { issuer, jwksUri: "https://keys.example/a" }),
    authentication("inline", { issuer, jwks: '{"keys":[]}' }),
  ]);
  expect(sourcesOfIssuers(world, new Set([issuer])).toSorted()).toEqual([
    "https://issuer.example/.well-known/openid-configuration",
    "https://keys.example/a",
  ]);
  expect(sourcesOfIssuers(world, new Set(["nobody"]))).toEqual([]);
});
