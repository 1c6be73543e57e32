import { Lock, LockOpen } from "lucide-react";
import { shareShort } from "./format.ts";

/**
 * The lock: closed when all requests in the window were mutually authenticated, open with the share when some were,
 * a word when none were, and never drawn when nothing is known.
 *
 * @param share between 0 and 1, or null when there are no figures
 */
export function LockBadge({ share, none = "none" }: { readonly share: number | null; readonly none?: string }) {
  if (share === null) {
    return <span className="lock is-none">not known</span>;
  }
  if (share <= 0) {
    return <span className="lock is-none">{none}</span>;
  }
  if (share < 1) {
    return (
      <span className="lock is-part" title="Part of the requests are mutually authenticated">
        <LockOpen className="ic" aria-label="Open lock:" role="img" />
        <span className="tn">{shareShort(share)}</span>
      </span>
    );
  }
  return (
    <span className="lock" title="All requests are mutually authenticated">
      <Lock className="ic" aria-label="Lock:" role="img" />
      <span className="tn">{shareShort(1)}</span>
    </span>
  );
}
