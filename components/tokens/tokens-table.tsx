"use client";

import { useQueryClient } from "@tanstack/react-query";
import { CircleCheck, Clock } from "lucide-react";
import { useState } from "react";
import type { ApiToken } from "@/server/contracts/api-tokens.ts";
import { endpoints } from "@/server/contracts/endpoints.ts";
import { callPortal } from "../query/fetch-json.ts";
import { userMessageOf } from "../query/portal-error.ts";
import { queryKeys } from "../query/query-keys.ts";
import { Badge } from "../ui/badge.tsx";
import { Button } from "../ui/button.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { exact } from "../ui/format.ts";
import { ScrollX } from "../ui/scroll-x.tsx";
import { Note, SkeletonRows } from "../ui/states.tsx";
import { TimeAgo, useNow } from "../ui/time-ago.tsx";
import { endWords, scopeTexts } from "./token-words.ts";

/** The person's tokens: what each may do, when it was used, and its end. */
export function TokensTable({ tokens }: { readonly tokens: readonly ApiToken[] | undefined }) {
  const [ending, setEnding] = useState<ApiToken | null>(null);
  return (
    <>
      <ScrollX label="Tokens">
        <table className="table" style={{ "--pad-x": "var(--page-x)" } as React.CSSProperties} data-testid="tokens">
          <thead>
            <tr>
              <th scope="col">Token</th>
              <th scope="col">May</th>
              <th scope="col">State</th>
              <th scope="col" className="num">
                Last used
              </th>
              <th scope="col" className="num">
                Made
              </th>
              <td />
            </tr>
          </thead>
          {tokens === undefined ? (
            <SkeletonRows widths={[160, 160, 90, 60, 60, 50]} rows={3} />
          ) : (
            <tbody>
              {tokens.map((token) => (
                <Row key={token.id} token={token} onEnd={() => setEnding(token)} />
              ))}
            </tbody>
          )}
        </table>
      </ScrollX>
      {ending && <EndDialog token={ending} onClose={() => setEnding(null)} />}
    </>
  );
}

function Row({ token, onEnd }: { readonly token: ApiToken; readonly onEnd: () => void }) {
  const now = useNow();
  const words = endWords(token, now);
  const over = words === "ended";
  return (
    <tr data-testid={`token-${token.name}`}>
      <td style={{ height: 50 }}>
        <span className="med">{token.name}</span>
        <span className="cap mono is-block">{token.prefix}…</span>
      </td>
      <td className="t2 sm">{token.scopes.map((scope) => scopeTexts[scope].title).join(", ")}</td>
      <td title={exact(token.expiresUnixMs)}>
        <Badge tone={over ? "none" : "ok"} icon={over ? Clock : CircleCheck}>
          {words}
        </Badge>
      </td>
      <td className="num t2">{token.lastUsedUnixMs === null ? "never" : <TimeAgo at={token.lastUsedUnixMs} />}</td>
      <td className="num t2">
        <TimeAgo at={token.createdUnixMs} />
      </td>
      <td className="num">
        <Button size="s" look="danger" onClick={onEnd} data-testid={`end-${token.name}`}>
          {over ? "Remove" : "End"}
        </Button>
      </td>
    </tr>
  );
}

function EndDialog({ token, onClose }: { readonly token: ApiToken; readonly onClose: () => void }) {
  const client = useQueryClient();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const end = async () => {
    setBusy(true);
    setError(null);
    try {
      await callPortal(endpoints.token(token.id), { method: "DELETE" });
      await client.invalidateQueries({ queryKey: queryKeys.tokens });
      onClose();
    } catch (caught) {
      setError(caught);
      setBusy(false);
    }
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={`End ${token.name}`}
      description="Programs that use it are refused from now on. It cannot be brought back; a new one can be made."
      actions={
        <>
          <Button look="ghost" onClick={onClose}>
            Keep it
          </Button>
          <Button look="danger-solid" busy={busy} disabled={busy} onClick={() => void end()} data-testid="confirm-end">
            {busy ? "Ending it" : "End it"}
          </Button>
        </>
      }
    >
      {error !== null && <Note tone="error">{userMessageOf(error)}</Note>}
    </Dialog>
  );
}
