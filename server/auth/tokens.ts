import { createHash, randomBytes } from "node:crypto";

/** 256 random bits, safe in a URL and a cookie. */
export const freshToken = (): string => randomBytes(32).toString("base64url");

/** What the database keeps of a token; tokens are random, so a plain hash is enough. */
export const hashToken = (token: string): string => createHash("sha256").update(token).digest("hex");
