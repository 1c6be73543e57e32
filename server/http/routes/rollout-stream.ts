import type { SignedIn } from "@/server/auth/signed-in.ts";
import { endedStates, type RolloutDetails } from "@/server/contracts/rollouts.ts";
import { eventStream } from "@/server/http/event-stream.ts";
import { OpenStreams } from "@/server/http/open-streams.ts";
import type { RolloutsFacade } from "@/server/rollouts/facade.ts";

/** Figures move by themselves, and another portal process may drive the release. */
const askAgainMs = 1_000;
/** Whoever watches longer asks anew, and is asked who they are: a session or token may have ended since. */
const longestMs = 10 * 60_000;

const streams = new OpenStreams();

const hasEnded = ({ state }: RolloutDetails): boolean => endedStates.some((ended) => ended === state);

/**
 * `rollout` events with the whole `rolloutDetails`, whenever they differ, until the release has ended. Throws PortalError
 * `too-many-requests`.
 */
export function streamRollout(
  rollouts: Pick<RolloutsFacade, "details" | "subscribe">,
  id: string,
  person: SignedIn,
  request: Request,
): Response {
  return eventStream(request, ({ send, end, signal }) => {
    const leave = streams.begin(person.id);
    let shown = "";
    let asking = false;
    let askAgain = false;
    const frame = async (): Promise<void> => {
      const details = await rollouts.details(id, person);
      const now = JSON.stringify(details);
      if (now !== shown) {
        shown = now;
        send("rollout", details);
      }
      if (hasEnded(details)) {
        end();
      }
    };
    /** One question at a time; what moved meanwhile is asked for right after. */
    const show = (): void => {
      if (asking) {
        askAgain = true;
        return;
      }
      asking = true;
      askAgain = false;
      frame()
        .catch(end)
        .finally(() => {
          asking = false;
          if (askAgain && !signal.aborted) {
            show();
          }
        });
    };
    const unsubscribe = rollouts.subscribe(id, show);
    const timer = setInterval(show, askAgainMs);
    const last = setTimeout(end, longestMs);
    signal.addEventListener(
      "abort",
      () => {
        unsubscribe();
        clearInterval(timer);
        clearTimeout(last);
        leave();
      },
      { once: true },
    );
    show();
  });
}
