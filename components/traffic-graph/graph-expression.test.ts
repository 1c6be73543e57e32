import { describe, expect, it } from "vitest";
import { edgeMatches, nodeMatches, parseExpression } from "./graph-expression.ts";
import { aNode, anEdge } from "./testing/graph-parts.ts";

function parsed(text: string) {
  const result = parseExpression(text);
  if (!result.ok) {
    throw new Error(result.message);
  }
  return result.expression;
}

const sleep = aNode({ id: "default/sleep", namespace: "default", name: "sleep" });
const webApi = aNode({
  id: "web-api/web-api",
  namespace: "web-api",
  name: "web-api",
  errorShare: 0.02,
  rpsIn: 48,
  p95Ms: 320,
});
const ends = { from: sleep, to: webApi };

describe("expressions on edges", () => {
  const plain = anEdge({ mtlsShare: 0 });
  const locked = anEdge({ mtlsShare: 1 });
  const part = anEdge({ mtlsShare: 0.7 });
  const refused = anEdge({ count: 0, denied: 4, mtlsShare: null, p95Ms: null });
  const failing = anEdge({ errorShare: 0.12, rps: 20, p95Ms: 1200 });

  it.each([
    ["mtls", locked, true],
    ["mtls", part, false],
    ["!mtls", plain, true],
    ["!mtls", part, true],
    ["!mtls", locked, false],
    ["denied", refused, true],
    ["denied", plain, false],
    ["!denied", plain, true],
    ["error% > 1", failing, true],
    ["error% > 12.5", failing, false],
    ["errors >= 12", failing, true],
    ["p95 > 1s", failing, true],
    ["p95 < 300ms", failing, false],
    ["p95 > 1", refused, false],
    ["rate = 20", failing, true],
    ["namespace = default", plain, true],
    ["namespace = web-api", plain, true],
    ["namespace = defaul", plain, false],
    ["namespace != default", plain, false],
    ["sleep", plain, true],
    ["!sleep", plain, false],
    ["!history", plain, true],
    ["history", plain, false],
    ["mtls or denied", refused, true],
    ["mtls and denied", refused, false],
    ["denied, !mtls", refused, true],
    ["mtls or denied and error% > 1", locked, true],
  ])("%s", (text, edge, holds) => {
    expect(edgeMatches(parsed(text), edge, ends)).toBe(holds);
  });
});

describe("expressions on nodes", () => {
  it.each([
    ["web", webApi, true],
    ["name = web-api", webApi, true],
    ["error% > 1", webApi, true],
    ["error% > 1", sleep, false],
    ["error", webApi, true],
    ["idle", aNode({ health: "idle" }), true],
    ["rate > 40", webApi, true],
    ["p95 > 300ms", webApi, true],
    ["version = v1", webApi, true],
    ["mtls", webApi, false],
    ["denied", webApi, false],
  ])("%s", (text, node, holds) => {
    expect(nodeMatches(parsed(text), node)).toBe(holds);
  });

  it("finds nothing with nothing asked", () => expect(nodeMatches(parsed("  "), webApi)).toBe(false));
});

describe("mistakes are named", () => {
  it.each([
    ["colour = red", "colour"],
    ["namespace > x", "only be = or !="],
    ["rate > fast", "number"],
    ["mtls and ", "missing"],
    ["!", "!mtls"],
    ["namespace =", "which namespace"],
  ])("%s", (text, words) => {
    const result = parseExpression(text);
    expect(!result.ok && result.message).toContain(words);
  });
});
