/** Whether a step takes authorizers out of the mesh's configuration. Pure. */
import { intent } from "@/server/golden-paths/intent.ts";
import type { Rendered } from "@/server/golden-paths/resource.ts";
import { intentAnnotation } from "@/server/inventory/labels.ts";

/** Names of the authorizers that an object keeps for paths. */
function authorizersOn(object: Rendered | undefined): readonly string[] {
  try {
    const told = intent.array().safeParse(JSON.parse(object?.metadata.annotations?.[intentAnnotation] ?? "[]"));
    return (told.data ?? []).flatMap((one) => (one.slug === "know-an-authorizer" ? [one.name] : []));
  } catch {
    return [];
  }
}

/** It forgets some and learns none: whoever still asks them is refused, so those who ask go first. */
export function onlyForgets(before: Rendered | undefined, after: Rendered | undefined): boolean {
  const [had, has] = [authorizersOn(before), authorizersOn(after)];
  return had.some((name) => !has.includes(name)) && has.every((name) => had.includes(name));
}
