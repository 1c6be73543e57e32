import { describe, expect, it } from "vitest";
import { formatPrincipal, formatSpiffeId, parseSpiffeId, parseWorkloadIdentity } from "./spiffe-id.ts";

describe("SPIFFE ID", () => {
  it("is read and written in Istio's form", () => {
    const identity = parseWorkloadIdentity("spiffe://cluster.local/ns/web-api/sa/web-api");
    expect(identity).toEqual({ trustDomain: "cluster.local", namespace: "web-api", serviceAccount: "web-api" });
    expect(formatSpiffeId(identity)).toBe("spiffe://cluster.local/ns/web-api/sa/web-api");
    expect(formatPrincipal(identity)).toBe("cluster.local/ns/web-api/sa/web-api");
  });
  it("compares scheme and trust domain without regard to case, the path with", () => {
    expect(parseSpiffeId("SPIFFE://Cluster.LOCAL/ns/A/sa/b")).toEqual({
      trustDomain: "cluster.local",
      path: ["ns", "A", "sa", "b"],
    });
  });
  it("accepts a trust domain alone, 255 bytes of it, and 2048 bytes in all", () => {
    expect(parseSpiffeId("spiffe://td").path).toEqual([]);
    expect(parseSpiffeId(`spiffe://${"a".repeat(255)}`).trustDomain).toHaveLength(255);
    expect(parseSpiffeId(`spiffe://td/${"a".repeat(2048 - 12)}`).path[0]).toHaveLength(2036);
  });
  it.each([
    ["another scheme", "https://td/ns/a/sa/b", "scheme"],
    ["no trust domain", "spiffe:///ns/a/sa/b", "trust-domain"],
    ["a port", "spiffe://td:80/ns/a", "trust-domain"],
    ["user information", "spiffe://me@td/ns/a", "trust-domain"],
    ["percent-encoding in the trust domain", "spiffe://t%64/ns/a", "trust-domain"],
    ["a trust domain of 256 bytes", `spiffe://${"a".repeat(256)}`, "trust-domain"],
    ["a trailing slash", "spiffe://td/ns/a/", "path"],
    ["an empty segment", "spiffe://td/ns//a", "path"],
    ["a dot segment", "spiffe://td/ns/./a", "path"],
    ["a dot-dot segment", "spiffe://td/ns/../a", "path"],
    ["percent-encoding in the path", "spiffe://td/ns/%61", "path"],
    ["a query", "spiffe://td/ns/a?x", "path"],
    ["a fragment", "spiffe://td/ns/a#x", "path"],
    ["a character beyond ASCII", "spiffe://td/ns/ä", "path"],
    ["2049 bytes", `spiffe://td/${"a".repeat(2049 - 12)}`, "too-long"],
  ])("refuses %s", (_what, text, code) => {
    expect(() => parseSpiffeId(text)).toThrow(expect.objectContaining({ code }));
  });
  it.each([
    "spiffe://td",
    "spiffe://td/ns/a",
    "spiffe://td/ns/a/sa",
    "spiffe://td/sa/a/ns/b",
    "spiffe://td/ns/a/sa/b/c",
  ])("%s is no workload", (text) => {
    expect(() => parseWorkloadIdentity(text)).toThrow(expect.objectContaining({ code: "not-a-workload" }));
  });
});
