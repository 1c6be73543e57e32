"use client";

import { useRef, useState } from "react";
import { type ChangeSummary, changeSummary } from "@/server/contracts/changes.ts";
import { endpoints } from "@/server/contracts/endpoints.ts";
import type { PathSlug } from "@/server/contracts/golden-paths/slug.ts";
import type { Preview } from "@/server/contracts/golden-paths.ts";
import { useChangeStream } from "../changes/use-change-stream.ts";
import { fetchJson } from "../query/fetch-json.ts";

interface ApplyRequestParts {
  readonly preview: Preview;
  readonly values: Record<string, unknown>;
  readonly reason: string;
  readonly confirmation: string;
  /** Overwrite others' edits as a conflict showed them: its etag. Null: do not. */
  readonly overwrite: string | null;
}

/** Applies a path and follows the change it becomes. The lead time counts from when the form was opened. */
export function useApply(slug: PathSlug) {
  const opened = useRef(Date.now());
  const [started, setStarted] = useState<ChangeSummary | null>(null);
  const [sent, setSent] = useState("");
  const [sending, setSending] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const followed = useChangeStream(started?.id ?? null);

  const apply = async ({ preview, values, reason, confirmation, overwrite }: ApplyRequestParts) => {
    setSending(true);
    setError(null);
    try {
      const change = await fetchJson(changeSummary, endpoints.goldenPathApply(slug), {
        method: "POST",
        body: {
          values,
          etag: overwrite ?? preview.etag,
          openedUnixMs: opened.current,
          confirmation,
          reason,
          force: overwrite !== null,
        },
      });
      setStarted(change);
      setSent(JSON.stringify(values));
      opened.current = Date.now();
    } catch (caught) {
      setError(caught);
    } finally {
      setSending(false);
    }
  };

  const change = followed ?? started;
  return {
    change,
    follow: setStarted,
    sending,
    error,
    clearError: () => setError(null),
    apply,
    /** The same form was sent already and waits for somebody's word. */
    waits: (values: Readonly<Record<string, unknown>>) =>
      change?.state === "waiting" && sent === JSON.stringify(values),
  };
}
