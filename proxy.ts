import { type NextRequest, NextResponse } from "next/server";

/**
 * Content security policy with a nonce per page: scripts run only when the portal itself put them there.
 * Styles may be inline because React and the graph position elements by style attributes.
 */
export function proxy(request: NextRequest): NextResponse {
  const nonce = btoa(crypto.randomUUID());
  // biome-ignore lint/style/noProcessEnv: set by Next itself; React's development build evaluates code
  const development = process.env.NODE_ENV === "development";
  const policy = [
    "default-src 'self'",
    `script-src 'self' 'nonce-${nonce}' 'strict-dynamic'${development ? " 'unsafe-eval'" : ""}`,
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "font-src 'self'",
    "connect-src 'self'",
    "worker-src 'self' blob:",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join("; ");
  const headers = new Headers(request.headers);
  headers.set("x-nonce", nonce);
  headers.set("content-security-policy", policy);
  // Where to go after signing in.
  headers.set("x-path", request.nextUrl.pathname + request.nextUrl.search);
  const response = NextResponse.next({ request: { headers } });
  response.headers.set("content-security-policy", policy);
  return response;
}

/** Pages only: the API, telemetry and built files are no documents. */
export const config = {
  matcher: [
    {
      source: "/((?!api/|v1/|_next/|icon\\.svg|favicon\\.ico).*)",
      missing: [{ type: "header", key: "next-router-prefetch" }],
    },
  ],
};
