"use client";

import { useQueries } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { useRef, useState } from "react";
import { endpoints } from "@/server/contracts/endpoints.ts";
import { type BundleRequest, bundleDetails } from "@/server/contracts/rollout-bundles.ts";
import type { RolloutSpec } from "@/server/contracts/rollout-spec.ts";
import { type RolloutPreview, rolloutPreview } from "@/server/contracts/rollouts.ts";
import { fetchJson } from "../../query/fetch-json.ts";
import { useLiveInterval } from "../../query/live.tsx";
import { queryKeys } from "../../query/query-keys.ts";
import { useSettled } from "../../query/use-settled.ts";

/** What starting one release of a bundle would do, as far as it is known. */
export interface MemberPreview {
  readonly data: RolloutPreview | undefined;
  readonly error: unknown;
  /** A newer one is on its way. */
  readonly outdated: boolean;
}

/** The previews of all releases, in their order; nothing for those that lack something. Asked again while they stand. */
export function useBundlePreviews(specs: readonly (RolloutSpec | null)[]): readonly MemberPreview[] {
  const text = JSON.stringify(specs);
  const settled = useSettled(specs, text);
  const interval = useLiveInterval(5000);
  const queries = useQueries({
    queries: settled.map((spec) => ({
      queryKey: queryKeys.rolloutPreview(spec),
      queryFn: ({ signal }: { readonly signal: AbortSignal }) =>
        fetchJson(rolloutPreview, endpoints.rolloutsPreview, { method: "POST", body: spec, signal }),
      enabled: spec !== null,
      refetchInterval: interval,
    })),
  });
  return specs.map((spec, at) => {
    const query = queries[at];
    const outdated = JSON.stringify(spec) !== JSON.stringify(settled[at] ?? null);
    return spec === null || query === undefined
      ? { data: undefined, error: null, outdated: false }
      : { data: query.data, error: query.error, outdated };
  });
}

/** Starts all releases of a bundle, or none, and goes to its page. */
export function useBundleStart() {
  const router = useRouter();
  const opened = useRef(Date.now());
  const [sending, setSending] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const start = async (request: Omit<BundleRequest, "openedUnixMs">) => {
    setSending(true);
    setError(null);
    try {
      const started = await fetchJson(bundleDetails, endpoints.rolloutBundles, {
        method: "POST",
        body: { ...request, openedUnixMs: opened.current },
      });
      router.push(`/rollouts/bundles/${started.id}`);
    } catch (caught) {
      setError(caught);
      setSending(false);
    }
  };
  return { start, sending, error, clearError: () => setError(null) };
}
