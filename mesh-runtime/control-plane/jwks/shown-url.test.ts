import { expect, it } from "vitest";
import { shownUrl } from "./shown-url.ts";

it.each([
  ["https://issuer.example/keys", "https://issuer.example/keys"],
  ["https://me:secret@issuer.example:8443/keys?token=secret#secret", "https://issuer.example:8443/keys"],
  ["ftp://me:secret@issuer.example", "ftp://issuer.example/"],
  ["secret", "the URL"],
])("%s is shown as %s", (url, shown) => {
  expect(shownUrl(url)).toBe(shown);
});
