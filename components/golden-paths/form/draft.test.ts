import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { pathForms } from "@/server/contracts/golden-paths/forms.ts";
import { pathSlug } from "@/server/contracts/golden-paths/slug.ts";
import { prefilledHref, prefilledValues } from "../../query/prefilled-href.ts";
import { filledForms } from "../testing/filled-forms.ts";
import { draftOf, emptyDraft, readEntered, toValues } from "./draft.ts";

const slugs = pathSlug.options;

/** What a form gets back from the address that it wrote. */
function throughAddress(slug: (typeof slugs)[number], values: Record<string, unknown>): Record<string, unknown> {
  const address = new URL(prefilledHref({ slug, values }), "http://portal.test");
  return readEntered(slug, prefilledValues(address.searchParams.get("values")));
}

describe("a form and its address", () => {
  it.each(slugs)("loses nothing of %s on the way", (slug) => {
    for (const values of filledForms[slug]) {
      expect(throughAddress(slug, { ...values })).toEqual(values);
    }
  });

  it.each(slugs)("keeps %s while it is empty", (slug) => {
    const empty = emptyDraft(slug);
    expect(throughAddress(slug, { ...empty })).toEqual(empty);
  });

  it("keeps what is half typed", () => {
    const half = { host: "api.", ports: [{ port: null, protocol: "TLS" }], callers: [] };
    expect(throughAddress("allow-a-destination", half)).toEqual(half);
  });

  it("takes from a mangled address what fits and drops the rest", () => {
    expect(
      readEntered("let-a-caller-in", {
        service: { name: 3 },
        callers: [{ kind: "nobody" }, { kind: "identity", namespace: "default", serviceAccount: "sleep" }],
        ports: ["x", 8080],
        until: "tomorrow",
        requests: [{ methods: ["GET"], headers: "none" }],
        allowed: false,
        unknown: 1,
      }),
    ).toEqual({
      callers: [{ kind: "identity", namespace: "default", serviceAccount: "sleep" }],
      ports: [8080],
      requests: [],
      allowed: false,
    });
  });

  it("fills in what an older link does not know of", () => {
    expect(readEntered("let-a-caller-in", { requests: [{ methods: ["GET"] }] })).toEqual({
      requests: [{ methods: ["GET"], paths: [], headers: [] }],
    });
  });

  it.each(slugs)("reads anything as something that %s can hold, and the same again", (slug) => {
    const fields = Object.keys(pathForms[slug].shape);
    const anything = fc.dictionary(fc.constantFrom(...fields, "other"), fc.jsonValue());
    fc.assert(
      fc.property(anything, (values) => {
        const entered = readEntered(slug, values);
        expect(readEntered(slug, { ...entered })).toEqual(entered);
        expect(Object.keys(draftOf(slug, {}, entered)).sort()).toEqual(fields.sort());
      }),
    );
  });
});

describe("where a form starts", () => {
  it.each(slugs)("has every field of %s, and its defaults", (slug) => {
    expect(emptyDraft(slug)).toMatchSnapshot();
  });

  it("follows what platform engineers set, and what was entered goes before it", () => {
    const defaults = { attempts: 2, backoff: "50ms", budgetPercent: "much" };
    expect(draftOf("retries", defaults, { backoff: "1s" })).toMatchObject({
      attempts: 2,
      backoff: "1s",
      budgetPercent: 20,
    });
  });

  it("names no namespaces when the whole mesh is meant, and keeps them in the form", () => {
    const draft = draftOf("lock-down", {}, { scope: "mesh", namespaces: ["web-api"] });
    expect(draft.namespaces).toEqual(["web-api"]);
    expect(toValues<"lock-down">(draft)).toMatchObject({ scope: "mesh", namespaces: [] });
  });
});
