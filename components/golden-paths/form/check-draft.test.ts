import { describe, expect, it } from "vitest";
import { type PathSlug, pathSlug } from "@/server/contracts/golden-paths/slug.ts";
import { filledForms } from "../testing/filled-forms.ts";
import { checkDraft } from "./check-draft.ts";
import { type Draft, draftOf, emptyDraft, readEntered } from "./draft.ts";

const slugs = pathSlug.options;

function problemsOf<S extends PathSlug>(slug: S, draft: Draft<S>): Record<string, string> {
  const checked = checkDraft(slug, draft);
  return checked.complete ? {} : Object.fromEntries(checked.problems);
}

const service = "Choose a service";
const namespaces = "Choose at least one namespace";

/** What the form of each path lacks before anybody touched it. */
const empty: Readonly<Record<PathSlug, Record<string, string>>> = {
  "join-the-mesh": { namespaces },
  "require-mtls": { namespaces },
  "give-a-waypoint": { namespaces },
  "lock-down": { namespaces },
  "let-a-caller-in": { service, callers: "Choose a caller", ports: "Choose a port" },
  "block-a-caller": { service, callers: "Choose a caller", ports: "Choose a port" },
  "require-sign-in": { service, issuer: "Enter the issuer", "keys.url": "Enter the address of the key set" },
  "ask-an-authorizer": { service, authorizer: "Choose an authorizer" },
  "expose-to-the-outside": { service, port: "Choose a port", host: "Enter a host", gateway: "Choose a gateway" },
  "allow-a-destination": {
    namespace: "Choose a namespace",
    host: "Enter a host",
    ports: "Choose a port",
    callers: "Choose a caller",
  },
  retries: { service },
  timeouts: { service, request: "Use a duration such as 250ms, 5s or 1m" },
  "circuit-breaker": { service },
  "rate-limit": { service, limits: "Add a limit" },
  "mirror-traffic": { service, "to.service": service, "to.port": "Choose a port" },
  "test-with-faults": { service },
  "prefer-the-zone": { service },
  "keep-in-region": { service },
  "release-a-version": { service, stable: "Enter a version" },
};

describe("what a form lacks", () => {
  it.each(slugs)("%s, before anybody touched it", (slug) => {
    expect(problemsOf(slug, emptyDraft(slug))).toEqual(empty[slug]);
  });

  it.each(slugs)("nothing, when %s is filled in", (slug) => {
    for (const values of filledForms[slug]) {
      const draft = draftOf(slug, {}, readEntered(slug, { ...values }));
      expect(checkDraft(slug, draft)).toEqual({ complete: true, values });
    }
  });

  it.each(["retries", "circuit-breaker", "prefer-the-zone", "keep-in-region"] as const)(
    "nothing but the service, when %s keeps its defaults",
    (slug) => {
      const chosen = readEntered(slug, { service: { namespace: "default", name: "httpbin" } });
      expect(checkDraft(slug, draftOf(slug, {}, chosen)).complete).toBe(true);
    },
  );
});

describe("what is wrong is said at the field, in words", () => {
  const first = <S extends PathSlug>(slug: S): Draft<S> =>
    draftOf(slug, {}, readEntered(slug, { ...filledForms[slug][0] }));

  it.each([
    ["a number that is none", { attempts: Number.NaN }, "attempts", "Enter a whole number"],
    ["a number that is missing", { attempts: null }, "attempts", "Enter a number"],
    ["a part of a number", { attempts: 1.5 }, "attempts", "Enter a whole number"],
    ["too many", { attempts: 11 }, "attempts", "At most 10"],
    ["too few", { attempts: -1 }, "attempts", "At least 0"],
    ["a status that is no error", { codes: [503, 200] }, "codes.1", "A status from 400 to 599"],
    ["a duration that is none", { perTry: "soon" }, "perTry", "Use a duration such as 250ms, 5s or 1m"],
  ])("retries: %s", (_, change, path, words) => {
    expect(problemsOf("retries", { ...first("retries"), ...change })).toEqual({ [path]: words });
  });

  it("a choice between shapes says what is wrong with it, not that it does not fit", () => {
    const destination = { ...first("allow-a-destination"), addresses: ["192.0.2.300"] };
    expect(problemsOf("allow-a-destination", destination)).toEqual({
      "addresses.0": "Enter an address such as 192.0.2.10",
    });
    const [limit] = first("rate-limit").limits;
    expect(limit).toBeDefined();
    const limits = limit ? [{ ...limit, per: "header" as const, header: "not a header" }] : [];
    expect(problemsOf("rate-limit", { ...first("rate-limit"), limits })).toEqual({
      "limits.0.header": "A header name has letters, digits and dashes",
    });
  });

  it("a test with faults that does nothing", () => {
    const draft = { ...first("test-with-faults"), delay: null };
    expect(problemsOf("test-with-faults", draft)).toEqual({ delay: "Choose a delay or an error" });
  });

  it("a header condition without its value", () => {
    const headers = [{ name: "x-plan", match: "value" as const, values: [] }];
    const draft = { ...first("let-a-caller-in"), requests: [{ methods: [], paths: [], headers }] };
    expect(problemsOf("let-a-caller-in", draft)).toEqual({ "requests.0.headers.0.values": "Enter the value" });
  });

  it("a number or duration out of the range that platform engineers set, unless it is taken back", () => {
    const ranges = [
      { field: "attempts", min: null, max: 2 },
      { field: "backoff", min: 100, max: 1_000 },
    ];
    const draft = first("retries");
    const checked = checkDraft("retries", draft, ranges);
    expect(!checked.complete && Object.fromEntries(checked.problems)).toEqual({
      attempts: "Allowed here: at most 2",
      backoff: "Allowed here: 100\u00a0ms to 1\u00a0s",
    });
    expect(checkDraft("retries", { ...draft, enabled: false }, ranges).complete).toBe(true);
  });

  it("a range of a list is about each of its entries", () => {
    const ranges = [{ field: "limits.requests", min: null, max: 500 }];
    const checked = checkDraft("rate-limit", first("rate-limit"), ranges);
    expect(!checked.complete && [...checked.problems.keys()]).toEqual(["limits.1.requests"]);
  });
});
