"use client";

import { useSearchParams } from "next/navigation";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import type { RolloutKind } from "@/server/contracts/rollout-spec.ts";
import { prefilledValues } from "../../query/prefilled-href.ts";
import { useUrlState } from "../../query/url-state.ts";
import { begin, settle, withChange, withKind } from "./filling.ts";
import { type EnteredRelease, readRelease, releaseOf } from "./release-draft.ts";

/** Pause after which the address follows the form, in ms. */
const addressMs = 200;
/** Pause in typing after which a field may be told what is wrong with it, in ms. */
const patienceMs = 700;

/** The state of the form: what was entered over what the kind begins with; kept in the address. */
export function useReleaseForm() {
  const address = useSearchParams().get("values");
  const { change: changeUrl } = useUrlState();
  const [filling, setFilling] = useState(() => begin(readRelease(prefilledValues(address))));
  const known = useRef(address);
  const { entered, fresh } = filling;

  useEffect(() => {
    if (address !== known.current) {
      known.current = address;
      setFilling(begin(readRelease(prefilledValues(address))));
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
    const timer = setTimeout(() => setFilling(settle), patienceMs);
    return () => clearTimeout(timer);
  }, [fresh]);

  const set = useCallback((change: EnteredRelease) => setFilling((now) => withChange(now, change)), []);
  const setKind = useCallback((kind: RolloutKind) => setFilling((now) => withKind(now, kind)), []);
  const draft = useMemo(() => releaseOf(entered), [entered]);
  return { entered, draft, set, setKind, settled: filling.settled };
}
