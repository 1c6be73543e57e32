"use client";

import { useSearchParams } from "next/navigation";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { forwardField } from "@/server/contracts/golden-paths/forms.ts";
import type { PathSlug } from "@/server/contracts/golden-paths/slug.ts";
import { prefilledValues } from "../../query/prefilled-href.ts";
import { useUrlState } from "../../query/url-state.ts";
import { type Draft, draftOf, type Entered, readEntered } from "./draft.ts";
import { changedPaths } from "./shown-problems.ts";

/** Pause after which the address follows the form, in ms: browsers refuse to write it at every key. */
const addressMs = 200;
/** Pause in typing after which a field may be told what is wrong with it, in ms. */
const patienceMs = 700;

interface Filling<S extends PathSlug> {
  readonly entered: Entered<S>;
  /** What changed since the person last paused. */
  readonly fresh: readonly string[];
  /** What was changed before, and may be judged. */
  readonly settled: ReadonlySet<string>;
}

const serialize = (entered: object): string | null =>
  Object.keys(entered).length === 0 ? null : JSON.stringify(entered);

function begin<S extends PathSlug>(slug: S, address: string | null): Filling<S> {
  const entered = readEntered(slug, prefilledValues(address));
  return { entered, fresh: [], settled: new Set(changedPaths(draftOf(slug, {}, {}), draftOf(slug, {}, entered))) };
}

/**
 * The state of a path's form: what was entered, over the defaults. It begins with the address and is kept there, so that
 * a link or a reload restores it.
 */
export function usePathForm<S extends PathSlug>(slug: S, defaults: Readonly<Record<string, unknown>>) {
  const address = useSearchParams().get("values");
  const { change: changeUrl } = useUrlState();
  const [filling, setFilling] = useState(() => begin(slug, address));
  const known = useRef(address);
  const { entered, fresh } = filling;

  // Somebody followed a link to this same path, or went back: the address says something that the form did not write.
  useEffect(() => {
    if (address !== known.current) {
      known.current = address;
      setFilling(begin(slug, address));
    }
  }, [slug, address]);

  useEffect(() => {
    const text = serialize(entered);
    if (text === known.current) {
      return;
    }
    const timer = setTimeout(() => {
      known.current = text;
      changeUrl({ values: text });
    }, addressMs);
    return () => clearTimeout(timer);
  }, [entered, changeUrl]);

  useEffect(() => {
    if (fresh.length === 0) {
      return;
    }
    const timer = setTimeout(
      () => setFilling((now) => ({ ...now, fresh: [], settled: new Set([...now.settled, ...now.fresh]) })),
      patienceMs,
    );
    return () => clearTimeout(timer);
  }, [fresh]);

  const set = useCallback(
    (change: Entered<S>) =>
      setFilling((now) => {
        const next = { ...now.entered, ...change };
        const changed = changedPaths(draftOf(slug, defaults, now.entered), draftOf(slug, defaults, next));
        const typing = new Set(changed);
        return {
          entered: next,
          fresh: [...new Set([...now.fresh, ...changed])],
          settled: new Set([...now.settled].filter((path) => !typing.has(path))),
        };
      }),
    [slug, defaults],
  );

  const draft: Draft<S> = useMemo(() => draftOf(slug, defaults, entered), [slug, defaults, entered]);
  const name = forwardField[slug];
  const forward = Object.entries(draft).every(([field, value]) => field !== name || value !== false);
  const setForward = useCallback(
    (value: boolean) => set(readEntered(slug, { [forwardField[slug]]: value })),
    [set, slug],
  );
  return { draft, set, forward, setForward, settled: filling.settled };
}
