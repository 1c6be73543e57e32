import { expect, test } from "vitest";
import { cookieValues, withoutCookie } from "./cookies.ts";
import { decodedParameters, queryParameter, setParameter, withoutParameter } from "./query-parameters.ts";

test.each([
  ["", "a", undefined],
  ["?", "a", undefined],
  ["?a=1", "a", "1"],
  ["?b=0&a=1", "a", "1"],
  ["?a=1&a=2", "a", "1"],
  ["?a", "a", ""],
  ["?a=", "a", ""],
  ["?a=b=c", "a", "b=c"],
  ["?ab=1", "a", undefined],
  ["?ba=1", "a", undefined],
  ["?a=&b=1", "a", ""],
  ["?%61=1", "a", undefined],
  ["?a=%31", "a", "%31"],
  ["?b=a&c", "a", undefined],
])("in %j the first value of %s, as sent, is %j", (query, name, value) => {
  expect(queryParameter(query, name)).toBe(value);
});

test.each([
  ["?a=1&%61=2&b=3", ["1", "2"]],
  ["?a=x%20y+z", ["x y z"]],
  ["?a=%zz", ["%zz"]],
  ["?a", [""]],
  ["?b", []],
  ["", []],
])("in %j all values, decoded, are %j", (query, values) => {
  expect(decodedParameters(query, "a")).toEqual(values);
});

test.each([
  ["?a=1", ""],
  ["?a=1&b=%2F&a=2", "?b=%2F"],
  ["?%61=1&b", "?b"],
  ["?ab=1", "?ab=1"],
  ["", ""],
])("%j without the parameter is %j", (query, left) => {
  expect(withoutParameter(query, "a")).toBe(left);
});

test("a parameter that is set replaces all that it was", () => {
  expect(setParameter("?a=1&b=2&a=3", "a", "x&y")).toBe("?b=2&a=x%26y");
  expect(setParameter("", "a", "1")).toBe("?a=1");
});

test.each<[string | undefined, string[]]>([
  [undefined, []],
  ["a=1", ["1"]],
  ["b=0; a=1;a=2", ["1", "2"]],
  ['a="1"', ["1"]],
  ["ba=1; ab=2", []],
  ["b=0,a=1", ["1"]],
  ["a", []],
])("in %j the cookie is %j", (field, values) => {
  expect(cookieValues(field, "a")).toEqual(values);
});

test.each([
  ["a=1", ""],
  ["b=1; a=2; c=x,y", "b=1; c=x,y"],
  ["ab=1", "ab=1"],
])("%j without the cookie is %j", (field, left) => {
  expect(withoutCookie(field, "a")).toBe(left);
});
