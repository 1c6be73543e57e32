"use client";

import { Section } from "../ui/page.tsx";
import { DriftEntry } from "./drift-entry.tsx";
import { keyOf } from "./drift-words.ts";
import { useDrift } from "./use-drift.ts";

/** What others changed of a service's rules, with the ways out; nothing at all where nobody did. */
export function ServiceDrift({ namespace, name }: { readonly namespace: string; readonly name: string }) {
  const { data } = useDrift({ service: `${namespace}/${name}` });
  if (!data || data.items.length === 0) {
    return null;
  }
  return (
    <Section className="drift-of-service" title="Changed by others" sub={String(data.items.length)}>
      {data.items.map((item) => (
        <DriftEntry key={keyOf(item)} item={item} />
      ))}
    </Section>
  );
}
