import type { NextConfig } from "next";

/** Headers of every answer; the content security policy of pages is in `proxy.ts`. */
const securityHeaders = [
  { key: "x-content-type-options", value: "nosniff" },
  { key: "x-frame-options", value: "DENY" },
  { key: "referrer-policy", value: "same-origin" },
  { key: "cross-origin-opener-policy", value: "same-origin" },
  { key: "permissions-policy", value: "camera=(), geolocation=(), microphone=(), payment=(), usb=()" },
];

const config: NextConfig = {
  output: "standalone",
  outputFileTracingRoot: import.meta.dirname,
  turbopack: { root: import.meta.dirname },
  reactStrictMode: true,
  poweredByHeader: false,
  // Gzip holds back event streams, and the portal is on the same machine or behind a proxy that compresses.
  compress: false,
  // Types are checked by `npm run types`; Next keeps what it wants in a file of its own and leaves ours alone.
  typescript: { ignoreBuildErrors: true, tsconfigPath: "tsconfig.next.json" },
  devIndicators: false,
  experimental: { optimizePackageImports: ["radix-ui", "lucide-react"] },
  serverExternalPackages: ["@kubernetes/client-node", "pg", "@prisma/client", "@prisma/adapter-pg"],
  headers: async () => [{ source: "/:path*", headers: securityHeaders }],
};

export default config;
