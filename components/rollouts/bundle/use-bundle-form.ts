"use client";

import { useSearchParams } from "next/navigation";
import { useCallback, useEffect, useMemo, useState } from "react";
import type { RolloutKind } from "@/server/contracts/rollout-spec.ts";
import { prefilledValues } from "../../query/prefilled-href.ts";
import { useUrlState } from "../../query/url-state.ts";
import { begin, type Filling, settle, withChange, withKind } from "../form/filling.ts";
import { type EnteredRelease, type ReleaseDraft, releaseOf } from "../form/release-draft.ts";
import { type BundleOrder, fewestMembers, mostMembers, readBundle, usualTitle } from "./bundle-draft.ts";

/** Pause after which the address follows the form, in ms. */
const addressMs = 200;
/** Pause in typing after which a field may be told what is wrong with it, in ms. */
const patienceMs = 700;

/** A release of the bundle in the form; `key` stays when it moves. */
export interface BundleMember {
  readonly key: number;
  readonly filling: Filling;
  readonly draft: ReleaseDraft;
}

interface Held {
  readonly key: number;
  readonly filling: Filling;
}

interface BundleFilling {
  /** Null: it is called after its releases. */
  readonly title: string | null;
  readonly order: BundleOrder;
  readonly abortTogether: boolean;
  readonly members: readonly Held[];
  /** Of the next release that is added. */
  readonly nextKey: number;
}

function beginBundle(address: string | null): BundleFilling {
  const { title = null, order, abortTogether, members } = readBundle(prefilledValues(address));
  const held = members.map((entered, key) => ({ key, filling: begin(entered) }));
  return { title, order, abortTogether, members: held, nextKey: held.length };
}

/** The state of a bundle's form, kept in the address when it opens and as it is filled in. */
export function useBundleForm() {
  const address = useSearchParams().get("values");
  const { change: changeUrl } = useUrlState();
  const [now, setNow] = useState(() => beginBundle(address));
  const { title, order, abortTogether } = now;

  const members: readonly BundleMember[] = useMemo(
    () => now.members.map(({ key, filling }) => ({ key, filling, draft: releaseOf(filling.entered) })),
    [now.members],
  );
  const text = JSON.stringify({
    ...(title !== null && { title }),
    order,
    abortTogether,
    members: now.members.map(({ filling }) => filling.entered),
  });

  useEffect(() => {
    const timer = setTimeout(() => changeUrl({ values: text }), addressMs);
    return () => clearTimeout(timer);
  }, [text, changeUrl]);

  const fresh = now.members.some(({ filling }) => filling.fresh.length > 0);
  useEffect(() => {
    if (!fresh || text === "") {
      return;
    }
    const timer = setTimeout(
      () =>
        setNow((held) => ({
          ...held,
          members: held.members.map((member) => ({ ...member, filling: settle(member.filling) })),
        })),
      patienceMs,
    );
    return () => clearTimeout(timer);
    // Each key that is typed begins the pause anew.
  }, [fresh, text]);

  const put = useCallback(
    (key: number, step: (filling: Filling) => Filling) =>
      setNow((held) => ({
        ...held,
        members: held.members.map((member) =>
          member.key === key ? { ...member, filling: step(member.filling) } : member,
        ),
      })),
    [],
  );
  const setMember = useCallback(
    (key: number, change: EnteredRelease) => put(key, (filling) => withChange(filling, change)),
    [put],
  );
  const setKind = useCallback(
    (key: number, kind: RolloutKind) => put(key, (filling) => withKind(filling, kind)),
    [put],
  );
  const add = () =>
    setNow((held) =>
      held.members.length >= mostMembers
        ? held
        : {
            ...held,
            members: [...held.members, { key: held.nextKey, filling: begin({}) }],
            nextKey: held.nextKey + 1,
          },
    );
  const remove = (key: number) =>
    setNow((held) =>
      held.members.length <= fewestMembers
        ? held
        : { ...held, members: held.members.filter((member) => member.key !== key) },
    );
  const earlier = (key: number) =>
    setNow((held) => {
      const at = held.members.findIndex((member) => member.key === key);
      const moved = held.members[at];
      if (moved === undefined || at === 0) {
        return held;
      }
      const others = held.members.filter((member) => member !== moved);
      return { ...held, members: [...others.slice(0, at - 1), moved, ...others.slice(at - 1)] };
    });
  return {
    title: title ?? usualTitle(members.map(({ draft }) => draft)),
    order,
    abortTogether,
    members,
    setTitle: (next: string) => setNow((held) => ({ ...held, title: next })),
    setOrder: (next: BundleOrder) => setNow((held) => ({ ...held, order: next })),
    setAbortTogether: (next: boolean) => setNow((held) => ({ ...held, abortTogether: next })),
    setMember,
    setKind,
    add,
    remove,
    earlier,
  };
}
export type BundleForm = ReturnType<typeof useBundleForm>;
