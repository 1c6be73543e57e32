"use client";

import type { PathSlug } from "@/server/contracts/golden-paths/slug.ts";
import { Segmented } from "../../ui/segmented.tsx";
import { pathTexts } from "../path-texts.ts";
import { Field } from "./field.tsx";

interface WayFieldProps {
  readonly slug: PathSlug;
  readonly forward: boolean;
  readonly onChange: (forward: boolean) => void;
}

/** The two ways of a path: set the rule, or take it back. */
export function WayField({ slug, forward, onChange }: WayFieldProps) {
  const [set, takeBack] = pathTexts[slug].ways;
  return (
    <Field group label="What should happen">
      <Segmented
        label="What should happen"
        value={forward ? "forward" : "back"}
        options={[
          { value: "forward", label: set },
          { value: "back", label: takeBack },
        ]}
        onChange={(way) => onChange(way === "forward")}
      />
    </Field>
  );
}
