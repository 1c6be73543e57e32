/** What a release says of one request, told without routes. Test code. */
import type { IntentOf } from "../../server/golden-paths/intent.ts";

export interface AskingRequest {
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** `<namespace>/<service account>` that the waypoint proved. */
  readonly caller: string | undefined;
}

const cookiesOf = (text = ""): Map<string, string> =>
  new Map(
    text.split(";").flatMap((pair) => {
      const at = pair.indexOf("=");
      return at === -1 ? [] : [[pair.slice(0, at).trim(), pair.slice(at + 1).trim()] as const];
    }),
  );

/** Share of the canary from 0 to 1, and whether a cookie is handed out. */
export function wantedShare(
  { stable, canary, weight, match, sticky, round }: IntentOf<"release-a-version">,
  { headers, caller }: AskingRequest,
): { readonly canary: number; readonly cookie: boolean } {
  if (canary === null) {
    return { canary: 0, cookie: false };
  }
  const cookies = cookiesOf(headers["cookie"]);
  const matched = match.some((one) =>
    one.by === "header"
      ? headers[one.name] === one.value
      : one.by === "cookie"
        ? cookies.get(one.name) === one.value
        : caller === `${one.namespace}/${one.serviceAccount}`,
  );
  if (matched) {
    return { canary: 1, cookie: false };
  }
  const keeps = sticky !== null && weight > 0 && weight < 100;
  const kept = keeps ? cookies.get(sticky.cookie) : undefined;
  if (kept === canary || kept === `${stable}.${round}`) {
    return { canary: kept === canary ? 1 : 0, cookie: false };
  }
  return { canary: weight / 100, cookie: keeps };
}
