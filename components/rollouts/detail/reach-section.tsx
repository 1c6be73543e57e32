"use client";

import { useQueryClient } from "@tanstack/react-query";
import { Check, CircleDashed, TriangleAlert, X } from "lucide-react";
import { useState } from "react";
import { toast } from "sonner";
import { endpoints } from "@/server/contracts/endpoints.ts";
import type { ChainCheck, RolloutDetails } from "@/server/contracts/rollouts.ts";
import { callPortal } from "../../query/fetch-json.ts";
import { userMessageOf } from "../../query/portal-error.ts";
import { queryKeys } from "../../query/query-keys.ts";
import { useMe } from "../../query/use-me.tsx";
import { Button, LinkButton } from "../../ui/button.tsx";
import { CopyButton } from "../../ui/copy-button.tsx";
import { TimeAgo } from "../../ui/time-ago.tsx";
import { hasEnded } from "../words/rollout-words.ts";
import { marked } from "./marked-command.ts";

/** How to reach the new version by hand, and whether the services in between pass the header on. */
export function ReachSection({ details }: { readonly details: RolloutDetails }) {
  const { reach, canary, chain, state, spec, enteredUnixMs } = details;
  const me = useMe();
  const lines = reach.filter(({ command }) => command !== "");
  if (hasEnded(state)) {
    return null;
  }
  return (
    <section className="reach" aria-label={`Reach ${canary}`} data-testid="reach">
      <div className="row spread reach-head">
        <h3 className="sm strong nowrap">Reach {canary} now</h3>
        <span className="cap hide-narrow">
          {lines.length === 0
            ? "There is no way by hand: no header, cookie or host leads to it."
            : enteredUnixMs === null
              ? "Once it has begun, it answers whatever its share is."
              : "It answers whatever its share is."}
        </span>
      </div>
      {lines.map(({ title, command, tryHref }) => (
        <div key={command} className="reach-line">
          <span className="cap">{title}</span>
          <div className="cmd cmd-line">
            <span className="p" aria-hidden="true">
              $
            </span>
            {/* A region that scrolls must be reachable by keyboard. */}
            {/* biome-ignore lint/a11y/noNoninteractiveTabindex: see above */}
            <code className="grow cmd-text" tabIndex={0}>
              {marked(command).map(({ text, strong }, at) =>
                strong ? (
                  // biome-ignore lint/suspicious/noArrayIndexKey: parts of one command in their order
                  <span key={at} className="h">
                    {text}
                  </span>
                ) : (
                  text
                ),
              )}
            </code>
            {tryHref !== "" && me.capabilities.tryIt && (
              <LinkButton look="ghost" size="s" href={tryHref} data-testid="reach-try">
                Try it
              </LinkButton>
            )}
            <CopyButton text={command} />
          </div>
        </div>
      ))}
      {spec.match.length > 0 && <Chain id={details.id} chain={chain} />}
    </section>
  );
}

function Chain({ id, chain }: { readonly id: string; readonly chain: ChainCheck }) {
  const client = useQueryClient();
  const me = useMe();
  const [busy, setBusy] = useState(false);
  const asking = busy || chain.state === "asking";
  const check = async () => {
    setBusy(true);
    try {
      await callPortal(endpoints.rolloutChain(id), { method: "POST", body: {} });
      await client.invalidateQueries({ queryKey: queryKeys.rollout(id) });
    } catch (error) {
      toast(userMessageOf(error));
    } finally {
      setBusy(false);
    }
  };
  const tone = chain.state === "lost" ? "c-warn" : chain.state === "passes" ? "c-ok" : "t3";
  const Icon = chain.state === "lost" ? TriangleAlert : chain.state === "passes" ? Check : CircleDashed;
  return (
    <div className="chain" data-testid="chain" data-state={chain.state}>
      <p className="row sm" aria-live="polite">
        <Icon className={`ic ic-14 ${tone}`} aria-hidden="true" />
        <span className="grow">
          {chain.sentence === "" ? "Not checked yet whether the services in between pass it on." : chain.sentence}{" "}
          {chain.checkedUnixMs !== null && (
            <span className="t3">
              checked <TimeAgo at={chain.checkedUnixMs} />
            </span>
          )}
        </span>
        {me.capabilities.tryIt && (
          <Button size="s" busy={asking} disabled={asking} onClick={() => void check()} data-testid="check-chain">
            {asking ? "Checking" : chain.checkedUnixMs === null ? "Check" : "Check again"}
          </Button>
        )}
      </p>
      {chain.hops.length > 0 && (
        <ol className="chain-hops">
          {chain.hops.map((hop, at) => (
            <li key={hop.service} className={hop.passedOn === false ? "c-warn" : undefined}>
              {/* The last one has nobody to pass it on to. */}
              <Passed
                passed={at === chain.hops.length - 1 ? hop.received : hop.passedOn}
                last={at === chain.hops.length - 1}
              />
              {hop.service} <span className="t3">{hop.version}</span>
            </li>
          ))}
        </ol>
      )}
    </div>
  );
}

function Passed({ passed, last }: { readonly passed: boolean | null; readonly last: boolean }) {
  const [Icon, word] =
    passed === null
      ? ([CircleDashed, "not seen: "] as const)
      : passed
        ? ([Check, last ? "gets it: " : "passes it on: "] as const)
        : ([X, last ? "does not get it: " : "drops it: "] as const);
  return (
    <>
      <Icon className="ic ic-12" aria-hidden="true" />
      <span className="vh">{word}</span>
    </>
  );
}
