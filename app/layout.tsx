import "@/components/styles/index.css";
import type { Metadata, Viewport } from "next";
import { cookies, headers } from "next/headers";
import type { ReactNode } from "react";
import { systemThemeScript, themeCookie } from "@/components/shell/theme.ts";
import { Providers } from "./providers.tsx";

export const metadata: Metadata = {
  title: { default: "Towpath", template: "%s · Towpath" },
  description: "A developer portal for the network between services",
  robots: { index: false, follow: false },
};

export const viewport: Viewport = {
  width: "device-width",
  initialScale: 1,
  themeColor: [
    { media: "(prefers-color-scheme: light)", color: "#f8f9fa" },
    { media: "(prefers-color-scheme: dark)", color: "#0f1114" },
  ],
};

export default async function RootLayout({ children }: { readonly children: ReactNode }) {
  const kept = (await cookies()).get(themeCookie)?.value;
  const choice = kept === "light" || kept === "dark" ? kept : "system";
  const nonce = (await headers()).get("x-nonce") ?? undefined;
  return (
    // The script below may set data-theme before React takes over.
    <html
      lang="en"
      data-theme={choice === "system" ? "light" : choice}
      data-theme-choice={choice}
      suppressHydrationWarning
    >
      <head>
        {/* biome-ignore lint/security/noDangerouslySetInnerHtml: a constant of ours, allowed by its nonce */}
        <script nonce={nonce} dangerouslySetInnerHTML={{ __html: systemThemeScript }} suppressHydrationWarning />
      </head>
      <body>
        <Providers>{children}</Providers>
      </body>
    </html>
  );
}
