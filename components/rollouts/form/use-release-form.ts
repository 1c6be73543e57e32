"use client";

import { useSearchParams } from "next/navigation";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import type { RolloutKind } from "@/server/contracts/rollouts.ts";
import { changedPaths } from "../../golden-paths/form/shown-problems.ts";
import { prefilledValues } from "../../query/prefilled-href.ts";
import { useUrlState } from "../../query/url-state.ts";
import { type EnteredRelease, readRelease, releaseOf } from "./release-draft.ts";

/** Pause after which the address follows the form, in ms. */
const addressMs = 200;
/** Pause in typing after which a field may be told what is wrong with it, in ms. */
const patienceMs = 700;

interface Filling {
  readonly entered: EnteredRelease;
  /** What changed since the person last paused. */
  readonly fresh: readonly string[];
  /** What was changed before, and may be judged. */
  readonly settled: ReadonlySet<string>;
  /** What was entered for other kinds, so that a look at them loses nothing. */
  readonly kept: Readonly<Partial<Record<RolloutKind, EnteredRelease>>>;
}

function begin(address: string | null): Filling {
  const entered = readRelease(prefilledValues(address));
  return { entered, fresh: [], settled: new Set(changedPaths(releaseOf({}), releaseOf(entered))), kept: {} };
}

/** Fields that a kind fills in by itself. */
const ofKind = ["steps", "match"] as const;

function withKind(now: Filling, kind: RolloutKind): Filling {
  const from = now.entered.kind ?? "progressive";
  const next: EnteredRelease = { ...now.entered, kind };
  const left: EnteredRelease = {};
  for (const field of ofKind) {
    if (now.entered[field] !== undefined) {
      Object.assign(left, { [field]: now.entered[field] });
    }
    delete next[field];
  }
  return { ...now, entered: { ...next, ...now.kept[kind] }, kept: { ...now.kept, [from]: left } };
}

/** The state of the form: what was entered over what the kind begins with; kept in the address. */
export function useReleaseForm() {
  const address = useSearchParams().get("values");
  const { change: changeUrl } = useUrlState();
  const [filling, setFilling] = useState(() => begin(address));
  const known = useRef(address);
  const { entered, fresh } = filling;

  useEffect(() => {
    if (address !== known.current) {
      known.current = address;
      setFilling(begin(address));
    }
  }, [address]);

  useEffect(() => {
    const text = Object.keys(entered).length === 0 ? null : JSON.stringify(entered);
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
    (change: EnteredRelease) =>
      setFilling((now) => {
        const next = { ...now.entered, ...change };
        const changed = changedPaths(releaseOf(now.entered), releaseOf(next));
        const typing = new Set(changed);
        return {
          ...now,
          entered: next,
          fresh: [...new Set([...now.fresh, ...changed])],
          settled: new Set([...now.settled].filter((path) => !typing.has(path))),
        };
      }),
    [],
  );
  const setKind = useCallback((kind: RolloutKind) => setFilling((now) => withKind(now, kind)), []);
  const draft = useMemo(() => releaseOf(entered), [entered]);
  return { draft, set, setKind, settled: filling.settled };
}
