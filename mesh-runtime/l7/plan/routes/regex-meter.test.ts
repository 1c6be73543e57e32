import { expect, test } from "vitest";
import { compileRegex } from "./linear-regex.ts";
import { beginMatching, RegexTooCostlyError } from "./regex-meter.ts";
import { compileReplace } from "./regex-replace.ts";

const long = "a".repeat(60_000);

test.each([".*a.{1000}", "(.*a){300}b", "(x|(.*a){200}|.*.{900})!"])(
  "%s cannot hold up everybody else with a long value",
  (source) => {
    const regex = compileRegex(source);
    beginMatching();
    expect(() => regex?.matches(long)).toThrow(RegexTooCostlyError);
  },
);

test("what many expressions cost together is bounded too, request by request", () => {
  const regex = compileRegex("[a-z]*x");
  const ask = (): void => {
    for (let index = 0; index < 20; index++) {
      regex?.matches(long);
    }
  };
  beginMatching();
  expect(ask).toThrow(RegexTooCostlyError);
  beginMatching();
  expect(regex?.matches(`${long}x`)).toBe(true);
});

test("replacing that looks for the end of each of many matches is bounded", () => {
  const replace = compileReplace("a(.*b)?", "x");
  beginMatching();
  expect(() => replace?.(long)).toThrow(RegexTooCostlyError);
  beginMatching();
  expect(replace?.("caac")).toBe("cxxc");
});

test("ordinary expressions fit, a thousand of them in ordinary paths", () => {
  const all = Array.from({ length: 1_000 }, (_, index) => compileRegex(`/v[0-9]+/users-${index}/[a-z-]+(/.*)?`));
  beginMatching();
  expect(all.filter((regex) => regex?.matches("/v2/users-77/some-body-with-a-name/orders/2024-01-01"))).toHaveLength(1);
});
