import type { ResourceRef } from "@/server/contracts/names.ts";
import { type Intent, intentSet } from "@/server/golden-paths/intent.ts";
import type { PathContext } from "@/server/golden-paths/path.ts";
import { render } from "@/server/golden-paths/render.ts";
import { type Rendered, resourceKey, sameResource } from "@/server/golden-paths/resource.ts";

/** Intents in force that a resource stands for: without them it would be another, or none. Pure. */
export function intentsAt(
  resource: ResourceRef,
  { current, inventory }: Pick<PathContext, "current" | "inventory">,
  rendered: ReadonlyMap<string, Rendered> = render(current, inventory),
): [string, Intent][] {
  const key = resourceKey(resource);
  return [...current].filter(([name]) => {
    const others = intentSet([...current].flatMap(([other, intent]) => (other === name ? [] : [intent])));
    return !sameResource(rendered.get(key), render(others, inventory).get(key));
  });
}
