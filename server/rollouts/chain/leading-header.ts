/** What a call from outside must carry to be led to the new version. Pure. */
import type { ReleaseMatch } from "@/server/contracts/golden-paths/release.ts";

export interface LeadingHeader {
  /** Of the header, in lower case. */
  readonly name: string;
  readonly value: string;
  /** "x-canary", "the cookie version". */
  readonly words: string;
}

/** Undefined where an identity leads there: nobody can send as somebody else. */
export function leadingHeaderOf(match: ReleaseMatch): LeadingHeader | undefined {
  switch (match.by) {
    case "header":
      return { name: match.name.toLowerCase(), value: match.value, words: match.name };
    case "cookie":
      return { name: "cookie", value: `${match.name}=${match.value}`, words: `the cookie ${match.name}` };
    case "caller":
      return undefined;
    default:
      return match satisfies never;
  }
}
