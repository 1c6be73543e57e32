"use client";

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { ShieldQuestionMark } from "lucide-react";
import { useState } from "react";
import { endpoints } from "@/server/contracts/endpoints.ts";
import { type GoldenPathOptions, goldenPathOptions } from "@/server/contracts/golden-paths.ts";
import { whatIf } from "@/server/contracts/what-if.ts";
import { fetchJson } from "../query/fetch-json.ts";
import { useLiveInterval } from "../query/live.tsx";
import { queryKeys } from "../query/query-keys.ts";
import { useUrlState } from "../query/url-state.ts";
import { usePortalQuery } from "../query/use-portal-query.ts";
import { useSettled } from "../query/use-settled.ts";
import { Page, PageHead } from "../ui/page.tsx";
import { LoadingLine, QueryFailure } from "../ui/query-states.tsx";
import { Empty } from "../ui/states.tsx";
import { WhatIfAnswer } from "./what-if-answer.tsx";
import { WhatIfForm } from "./what-if-form.tsx";
import { readState, requestOf, type WhatIfState, writeState } from "./what-if-state.ts";

const slug = "let-a-caller-in";

/** Can A call B? Answered as one types, by the engine that enforces. */
export function WhatIfView() {
  const { parameters, change } = useUrlState();
  const [state, setState] = useState<WhatIfState>(() => readState(parameters));
  const set = (part: Partial<WhatIfState>) => {
    const next = { ...state, ...part };
    setState(next);
    change(writeState(next));
  };
  const options = usePortalQuery(queryKeys.options(slug), goldenPathOptions, endpoints.goldenPathOptions(slug), 10_000);
  const question = requestOf(withPort(state, options.data));
  const request = "request" in question ? question.request : null;
  const settled = useSettled(request, JSON.stringify(request));
  const interval = useLiveInterval(5000);
  const answer = useQuery({
    queryKey: queryKeys.whatIf(settled),
    queryFn: ({ signal }) => fetchJson(whatIf, endpoints.whatIf, { method: "POST", body: settled, signal }),
    enabled: settled !== null,
    refetchInterval: interval,
    placeholderData: keepPreviousData,
  });
  const outdated = answer.isPlaceholderData || JSON.stringify(request) !== JSON.stringify(settled);
  const problems = "problems" in question ? question.problems : {};
  const untouched = state.from === "" && state.to === "";
  return (
    <Page className="try">
      <div className="try-form">
        <PageHead title="What if" sub="can A call B?" />
        {options.error && !options.data && (
          <QueryFailure error={options.error} onRetry={() => void options.refetch()} />
        )}
        {options.isPending && <LoadingLine>Asking the mesh who there is</LoadingLine>}
        {options.data && (
          <WhatIfForm
            options={options.data}
            state={withPort(state, options.data)}
            set={set}
            problems={untouched ? {} : problems}
          />
        )}
      </div>
      <section className="try-out" aria-label="Answer">
        {request === null ? (
          <Empty icon={ShieldQuestionMark} title="Ask before you change anything">
            Choose who calls and what is called. The rules that are in force now answer at once, hop by hop; nothing is
            sent.
          </Empty>
        ) : answer.data ? (
          <WhatIfAnswer
            answer={answer.data}
            outdated={outdated}
            caller={callerTitle(state)}
            service={state.to.slice(state.to.indexOf("/") + 1)}
          />
        ) : answer.error ? (
          <QueryFailure error={answer.error} onRetry={() => void answer.refetch()} />
        ) : (
          <LoadingLine>Asking the rules</LoadingLine>
        )}
      </section>
    </Page>
  );
}

function callerTitle({ from, host }: WhatIfState): string {
  if (from === "plain") {
    return "no identity";
  }
  return from.startsWith("outside:") ? host || "outside" : from.slice(from.indexOf("/") + 1);
}

/** A link may leave the port out: then it is the first of the service. */
function withPort(state: WhatIfState, options: GoldenPathOptions | undefined): WhatIfState {
  const service = options?.services.find(({ namespace, name }) => `${namespace}/${name}` === state.to);
  const [first] = service?.ports ?? [];
  return state.port === "" && first ? { ...state, port: String(first.port) } : state;
}
