import type { ReleaseAVersionForm, ReleaseMatch } from "@/server/contracts/golden-paths/release.ts";
import { listNames } from "../path.ts";

type Shares = Pick<ReleaseAVersionForm, "stable" | "canary" | "weight">;

/** "all to v1", "10 % to v2, the rest to v1". */
export function sharesText({ stable, canary, weight }: Shares): string {
  if (canary === null || weight === 0) {
    return canary === null ? `all to ${stable}` : `all to ${stable}, none to ${canary}`;
  }
  return weight === 100 ? `all to ${canary}` : `${weight} % to ${canary}, the rest to ${stable}`;
}

function matchText(match: ReleaseMatch): string {
  switch (match.by) {
    case "header":
      return `with ${match.name}: ${match.value}`;
    case "cookie":
      return `with the cookie ${match.name}=${match.value}`;
    case "caller":
      return `of ${match.namespace}/${match.serviceAccount}`;
  }
}

/** "with x-canary: true and of default/sleep"; empty for none. */
export const matchesText = ({ match }: Pick<ReleaseAVersionForm, "match">): string => listNames(match.map(matchText));
