"use client";

import { Lock } from "lucide-react";
import { endpoints } from "@/server/contracts/endpoints.ts";
import type { PathSlug } from "@/server/contracts/golden-paths/slug.ts";
import { goldenPathList } from "@/server/contracts/golden-paths.ts";
import { queryKeys } from "../query/query-keys.ts";
import { usePortalQuery } from "../query/use-portal-query.ts";
import { Note } from "../ui/states.tsx";

/** Says before anybody fills in a form that it is kept for others. */
export function RestrictedNote({ slug }: { readonly slug: PathSlug }) {
  const { data } = usePortalQuery(queryKeys.goldenPaths, goldenPathList, endpoints.goldenPaths, 30_000);
  const restricted = data?.paths.find((path) => path.slug === slug)?.restricted ?? "";
  if (restricted === "") {
    return null;
  }
  return (
    <Note icon={Lock} tone="info">
      <span data-testid="restricted">{restricted}</span>
    </Note>
  );
}
