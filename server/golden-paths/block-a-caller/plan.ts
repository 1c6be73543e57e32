/** From the form to who is refused. Pure. */
import type { BlockACallerForm } from "@/server/contracts/golden-paths/access.ts";
import type { Block } from "../access/service-access.ts";
import { type IntentChange, intentKey } from "../intent.ts";
import type { PathContext, PathPlan } from "../path.ts";
import { needWaypoint } from "../waypoint/need-waypoint.ts";

const ascending = (ports: Iterable<number>): number[] => [...new Set(ports)].sort((one, other) => one - other);

/** One block for each caller, or one for everybody but them. */
export function blocksOf({ service, who, callers, ports, requests, until }: BlockACallerForm): Block[] {
  const rest = { service, ports: ascending(ports), requests, until };
  return who === "all-but"
    ? [{ slug: "block-a-caller", ...rest, blocked: { who, callers } }]
    : callers.map((caller) => ({ slug: "block-a-caller", ...rest, blocked: { who: "this", caller } }));
}

/** What is blocked now under the same key. */
export function heldBlock(wanted: Block, { current }: Pick<PathContext, "current">): Block | undefined {
  const held = current.get(intentKey(wanted));
  return held?.slug === "block-a-caller" ? held : undefined;
}

/** The form takes the place of what was blocked before; taking back frees the ports that it names. */
export function planBlocks(form: BlockACallerForm, context: PathContext): PathPlan {
  const changes = blocksOf(form).map((wanted): IntentChange => {
    const before = heldBlock(wanted, context);
    const left = (before?.ports ?? []).filter((port) => !wanted.ports.includes(port));
    const kept = before === undefined || left.length === 0 ? undefined : { ...before, ports: left };
    return { key: intentKey(wanted), before, after: form.blocked ? wanted : kept, subject: wanted };
  });
  const waypoint = form.blocked && form.requests.length > 0 ? needWaypoint(form.service, context) : [];
  return {
    namespaces: [form.service.namespace],
    services: [`${form.service.namespace}/${form.service.name}`],
    changes: [...new Map(changes.map((change) => [change.key, change])).values(), ...waypoint],
  };
}
