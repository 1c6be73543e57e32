import type { PortalConfig } from "@/server/config.ts";

/** Cookies know no ports: the name keeps two portals on one host apart. */
export const cookieName = (config: PortalConfig): string => `towpath_session_${config.port}`;

/** The session's token, or empty. */
export function readSessionCookie(header: string | null, config: PortalConfig): string {
  const prefix = `${cookieName(config)}=`;
  const pair = (header ?? "").split(/;\s*/).find((part) => part.startsWith(prefix));
  const value = pair?.slice(prefix.length) ?? "";
  return value.length <= 128 ? value : "";
}

/** Lax: a link from a chat opens the page signed in; a form of another site sends nothing. */
export function sessionCookie(token: string, expiresAt: Date, config: PortalConfig): string {
  const secure = config.portalUrl.startsWith("https://") ? "; Secure" : "";
  return `${cookieName(config)}=${token}; Path=/; HttpOnly; SameSite=Lax; Expires=${expiresAt.toUTCString()}${secure}`;
}

export const endedCookie = (config: PortalConfig): string => sessionCookie("", new Date(0), config);
