import type { Ask } from "./ask.ts";
import type { Case } from "./cases.ts";

const preflight = (path: string, origin: string, method: string, more: Record<string, string> = {}): Partial<Ask> => ({
  path,
  method: "OPTIONS",
  headers: { origin, "access-control-request-method": method, ...more },
});
const wanted = { "access-control-request-headers": "x-header-1, x-header-2" };
export const corsCases: readonly Case[] = [
  ...["https://www.foo.com", "https://www.bar.com", "https://xpto.www.bar.com"].map(
    (origin): Case => [
      preflight("/cors-1", origin, "GET", wanted),
      {
        status: [200, 204],
        headers: {
          "access-control-allow-origin": origin,
          "access-control-allow-methods": ["GET, OPTIONS", "GET,OPTIONS"],
          "access-control-allow-headers": ["x-header-1, x-header-2", "x-header-1,x-header-2"],
          "access-control-max-age": "3600",
          "access-control-allow-credentials": "true",
        },
      },
    ],
  ),
  [
    preflight("/cors-1", "https://foobar.com", "GET"),
    { status: [200, 204, 403], headers: { "access-control-allow-origin": null } },
  ],
  [
    { path: "/cors-1", headers: { origin: "https://www.foo.com" } },
    {
      backend: "echo-v1",
      headers: {
        "access-control-allow-origin": "https://www.foo.com",
        "access-control-expose-headers": ["x-header-3, x-header-4", "x-header-3,x-header-4"],
      },
    },
  ],
  [
    { path: "/cors-1", headers: { origin: "https://foobar.com" } },
    { status: [200, 403], headers: { "access-control-allow-origin": null } },
  ],
  [
    preflight("/cors-2", "https://www.foo.com", "POST"),
    {
      status: [200, 204],
      headers: {
        "access-control-allow-methods": ["POST", "*"],
        "access-control-allow-origin": "https://www.foo.com",
        "access-control-allow-credentials": null,
      },
    },
  ],
  // Without Origin, or without the method, it is a request like others.
  [{ path: "/cors-1", method: "OPTIONS" }, { backend: "echo-v1" }],
];
