import { describe, expect, it } from "vitest";
import { pathHref, prefilledHref, prefilledValues } from "./prefilled-href.ts";

const service = { namespace: "web-api", name: "web-api" };
const valuesOf = (href: string) => prefilledValues(new URL(href, "http://portal").searchParams.get("values"));

describe("where a path opens", () => {
  it("is its form, filled in", () => {
    const href = prefilledHref({ slug: "retries", values: { service } });
    expect(href.startsWith("/golden-paths/retries?")).toBe(true);
    expect(valuesOf(href)).toEqual({ service });
  });

  it("is the form of releases for a new version", () => {
    expect(pathHref("release-a-version")).toBe("/rollouts/new");
    const href = prefilledHref({ slug: "release-a-version", values: { service } });
    expect(href.startsWith("/rollouts/new?")).toBe(true);
    expect(valuesOf(href)).toEqual({ service });
  });

  it("is the form of shares for shares that were written by hand", () => {
    const href = prefilledHref({ slug: "release-a-version", values: { service, weight: 10 } });
    expect(href.startsWith("/golden-paths/release-a-version?")).toBe(true);
  });
});
