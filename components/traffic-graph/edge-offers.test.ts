import { expect, it } from "vitest";
import type { Prefilled } from "@/server/contracts/golden-paths.ts";
import type { GraphEdge, PathCount } from "@/server/contracts/traffic.ts";
import { edgeOffers } from "./edge-offers.ts";

const edge = { to: "default/httpbin", unit: "requests", denied: 0 } as GraphEdge;
const seen = (method: string, path: string, denied = 0): PathCount => ({
  method,
  path,
  port: 80,
  count: 3,
  errors: 0,
  denied,
  lastUnixMs: 0,
});
const restrict: Prefilled = {
  slug: "let-a-caller-in",
  title: "Restrict this edge",
  reason: "",
  values: { ports: [8000] },
};

it("restricts to what got through, one rule a method, with placeholders as any segment", () => {
  const [offer] = edgeOffers({
    edge,
    suggestions: [restrict],
    paths: [seen("GET", "/users/{id}"), seen("GET", "/users/{name}"), seen("POST", "/users"), seen("GET", "/admin", 3)],
  });
  expect(offer?.values).toEqual({
    ports: [8000],
    requests: [
      { methods: ["GET"], paths: ["/users/{*}"], headers: [] },
      { methods: ["POST"], paths: ["/users"], headers: [] },
    ],
  });
});

it("leaves a fix of a refusal as it is, and connections without paths", () => {
  expect(edgeOffers({ edge: { ...edge, denied: 2 }, suggestions: [restrict], paths: [seen("GET", "/")] })[0]).toBe(
    restrict,
  );
  expect(edgeOffers({ edge, suggestions: [restrict], paths: [seen("", "")] })[0]).toBe(restrict);
});

it("offers retries for requests only", () => {
  expect(edgeOffers({ edge, suggestions: [], paths: [] })).toMatchObject([
    { slug: "retries", values: { service: { namespace: "default", name: "httpbin" } } },
  ]);
  expect(edgeOffers({ edge: { ...edge, unit: "connections" }, suggestions: [], paths: [] })).toEqual([]);
});
