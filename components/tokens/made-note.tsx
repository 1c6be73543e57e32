"use client";

import { KeyRound } from "lucide-react";
import { useEffect, useRef } from "react";
import type { MadeToken } from "@/server/contracts/api-tokens.ts";
import { Button } from "../ui/button.tsx";
import { CopyButton } from "../ui/copy-button.tsx";
import { Note } from "../ui/states.tsx";

/** The secret of a token that was just made: told once, and gone with the page. */
export function MadeNote({ made, onDone }: { readonly made: MadeToken; readonly onDone: () => void }) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => box.current?.focus(), []);
  return (
    <div ref={box} tabIndex={-1} role="status" className="made" data-testid="made-token">
      <Note tone="info" icon={KeyRound}>
        <p>
          <b>{made.token.name} is made.</b> Copy its secret now: it is not kept and cannot be shown again.
        </p>
        <div className="cmd cmd-line">
          {/* A region that scrolls must be reachable by keyboard. */}
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: see above */}
          <code className="grow cmd-text" tabIndex={0} data-testid="token-secret">
            {made.secret}
          </code>
          <CopyButton text={made.secret} />
        </div>
        <Button size="s" onClick={onDone}>
          I have kept it
        </Button>
      </Note>
    </div>
  );
}
