/** How a route keeps a client at one back end. */
import { oneOf, rules, str, struct } from "../schema/builders.ts";
import { duration } from "./names.ts";

export const sessionPersistence = rules(
  struct(
    "v1.SessionPersistence",
    {},
    {
      sessionName: str({ maxLength: 128 }).describe("Name of the cookie or header."),
      absoluteTimeout: duration(),
      idleTimeout: duration(),
      type: oneOf(["Cookie", "Header"], { default: "Cookie" }),
      cookieConfig: struct(
        "v1.CookieConfig",
        {},
        { lifetimeType: oneOf(["Permanent", "Session"], { default: "Session" }) },
      ),
    },
  ),
  {
    message: "AbsoluteTimeout must be specified when cookie lifetimeType is Permanent",
    check: (self) => self.cookieConfig?.lifetimeType !== "Permanent" || self.absoluteTimeout !== undefined,
  },
);
