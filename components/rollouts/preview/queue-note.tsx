import { ListOrdered } from "lucide-react";
import type { RolloutPreview } from "@/server/contracts/rollouts.ts";
import { AppLink } from "../../ui/app-link.tsx";

/** Releases that come before this one; nothing when it begins at once. */
export function QueueNote({ preview: { queuedBehind } }: { readonly preview: RolloutPreview }) {
  if (queuedBehind.length === 0) {
    return null;
  }
  return (
    <p className="row sm queue-note" data-testid="queue-note">
      <ListOrdered className="ic ic-14 c-info" aria-hidden="true" />
      <span>
        Waits for{" "}
        {queuedBehind.map(({ id, title, number }, at) => (
          <span key={id}>
            {at > 0 && ", "}
            <AppLink className="link" href={`/rollouts/${id}`}>
              {title === "" ? `release ${number}` : title}
            </AppLink>
          </span>
        ))}
        , then begins by itself.
      </span>
    </p>
  );
}
