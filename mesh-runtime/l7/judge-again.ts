import type { Exchange } from "./exchange.ts";
import type { ExchangePlace } from "./exchange-context.ts";
import { localReplies } from "./local-reply.ts";
import type { Peer } from "./peer.ts";

/** Judges a request that is under way by what holds now at its place, and ends it where it would be refused. */
export function judgeAgain(exchange: Exchange | undefined, { planner }: ExchangePlace, peer: Peer): void {
  if (exchange === undefined) {
    return;
  }
  const refusal = planner.judgeAgain(exchange.request, peer);
  if (refusal instanceof Promise) {
    refusal.then(
      (late) => {
        if (late !== undefined) {
          exchange.revoke(late.reply);
        }
      },
      // A planner never rejects; should it, nothing goes on.
      () => exchange.revoke(localReplies.internal),
    );
  } else if (refusal !== undefined) {
    exchange.revoke(refusal.reply);
  }
}
