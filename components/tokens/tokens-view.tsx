"use client";

import { KeyRound } from "lucide-react";
import { useState } from "react";
import { type MadeToken, tokenList } from "@/server/contracts/api-tokens.ts";
import { endpoints } from "@/server/contracts/endpoints.ts";
import { queryKeys } from "../query/query-keys.ts";
import { useMe } from "../query/use-me.tsx";
import { usePortalQuery } from "../query/use-portal-query.ts";
import { CopyButton } from "../ui/copy-button.tsx";
import { Page, PageHead, Section } from "../ui/page.tsx";
import { QueryFailure } from "../ui/query-states.tsx";
import { Empty } from "../ui/states.tsx";
import { MadeNote } from "./made-note.tsx";
import { NewToken } from "./new-token.tsx";
import { hintLines } from "./token-words.ts";
import { TokensTable } from "./tokens-table.tsx";

/** Tokens for programs: they act as the person who made them, within what each may do. */
export function TokensView() {
  const me = useMe();
  const [made, setMade] = useState<MadeToken | null>(null);
  const list = usePortalQuery(queryKeys.tokens, tokenList, endpoints.tokens, 10_000);
  const tokens = list.data?.tokens;
  return (
    <Page className="ov">
      <div className="main">
        <PageHead title="API tokens" sub="for programs that act in your name" />
        {made && <MadeNote made={made} onDone={() => setMade(null)} />}
        {list.error && !tokens && <QueryFailure error={list.error} onRetry={() => void list.refetch()} />}
        {tokens?.length === 0 && (
          <Empty icon={KeyRound} title="No token yet">
            Make one for a pipeline or a shell. It may do no more than you may, and less if you choose so.
          </Empty>
        )}
        {(tokens === undefined ? !list.error : tokens.length > 0) && <TokensTable tokens={tokens} />}
      </div>
      <aside className="side" aria-label="Make and use tokens">
        <Section title="Make a token">
          {me.capabilities.preview ? (
            <NewToken onMade={setMade} />
          ) : (
            <p className="cap">Tokens are made by developers and platform engineers.</p>
          )}
        </Section>
        <Section title="How to use one">
          <p className="cap">Programs read it from TOWPATH_TOKEN in their environment.</p>
          <ul className="stack hint-lines">
            {hintLines(me.target.portalUrl).map(({ title, command }) => (
              <li key={command}>
                <span className="cap">{title}</span>
                <div className="cmd cmd-line">
                  {/* A region that scrolls must be reachable by keyboard. */}
                  {/* biome-ignore lint/a11y/noNoninteractiveTabindex: see above */}
                  <code className="grow cmd-text" tabIndex={0}>
                    {command}
                  </code>
                  <CopyButton text={command} />
                </div>
              </li>
            ))}
          </ul>
        </Section>
      </aside>
    </Page>
  );
}
