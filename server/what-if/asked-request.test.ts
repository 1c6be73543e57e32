import { expect, test } from "vitest";
import { tokenAt } from "./asked-request.ts";

const issuer = "https://login.example";
const tokenFor = (aud: string | undefined, from = issuer) => ({
  token: { issuer: from, subject: "ada", claims: aud === undefined ? {} : { aud } },
});

test.each([
  ["one rule without audiences takes every token of its issuer", [{ issuer }], "orders", undefined],
  ["another issuer's token is refused", [{ issuer: "https://other.example" }], "orders", /not accepted here: 401/],
  ["a token for nobody of those who are wanted", [{ issuer, audiences: ["stock"] }], "orders", /not for stock: 403/],
  ["of two rules the second may accept", [{ issuer, audiences: ["stock"] }, { issuer }], "orders", undefined],
  [
    "of two rules none accepts",
    [
      { issuer, audiences: ["stock"] },
      { issuer, audiences: ["bills"] },
    ],
    "orders",
    /not for stock, bills: 403/,
  ],
  ["a token without an audience where one is wanted", [{ issuer, audiences: ["stock"] }], undefined, /is for nobody/],
])("%s", (_, rules, audience, refusal) => {
  const outcome = tokenAt(rules, tokenFor(audience));
  if (refusal === undefined) {
    expect(outcome).toMatchObject({ token: { principal: `${issuer}/ada` } });
  } else {
    expect(outcome).toEqual({ refusal: expect.stringMatching(refusal) });
  }
});
