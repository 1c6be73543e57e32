import type { LocalReply } from "../../local-reply.ts";
import { localReplies } from "../../local-reply.ts";
import type { ForwardPlan, ReplyPlan } from "../../request-plan.ts";
import type { Draft } from "../draft.ts";
import { chooseByWeight } from "../filters/choose-by-weight.ts";
import { injectFault } from "../filters/fault.ts";
import type { CompiledRule } from "./compile-rule.ts";
import { forward } from "./forward.ts";

/**
 * Does what a rule says, in Istio's order of filters (`listener_builder.go`: fault, then CORS, then the router with
 * redirects, direct responses and everything that is sent on).
 */
export function act(
  draft: Draft,
  compiled: CompiledRule,
  prefix: string | undefined,
  random: () => number,
): ForwardPlan | ReplyPlan {
  const { rule, cors, redirect, direct, changes, backends, mirrors, retry } = compiled;
  const fault = rule.fault && injectFault(rule.fault, random);
  const delayMs = fault?.delayMs ?? 0;
  if (fault?.abort !== undefined) {
    return draft.reply(fault.abort, undefined, delayMs);
  }
  const preflight = cors?.preflight(draft);
  if (preflight !== undefined) {
    return draft.reply(preflight, undefined, delayMs);
  }
  const corsEdit = cors?.answer(draft);
  if (corsEdit !== undefined) {
    draft.responseEdits.push(corsEdit);
  }
  if (compiled.broken) {
    return draft.reply(localReplies.unresolvedBackend, undefined, delayMs);
  }
  const answer = redirect?.(draft, prefix) ?? direct;
  if (answer !== undefined) {
    draft.responseEdits.push(...(changes?.response ?? []));
    return draft.reply(withFields(answer, draft), undefined, delayMs);
  }
  const backend = chooseByWeight(backends, random);
  const cluster = backend?.cluster;
  if (backend === undefined || cluster === undefined) {
    return draft.reply(localReplies.unresolvedBackend, undefined, delayMs);
  }
  // A copy of a WebSocket would be a conversation of its own.
  const copied =
    mirrors.length === 0 || draft.upgrade !== undefined ? none : mirrors.filter(({ fraction }) => random() < fraction);
  return forward(draft, {
    backend,
    cluster,
    timeouts: rule.timeouts,
    retry,
    mirrors: copied.length === 0 ? none : copied.map((mirror) => mirror.cluster),
    delayMs,
    changes,
    prefix,
  });
}

const none: readonly never[] = [];

/** An answer with what is to be added to every answer of the rule. */
function withFields(answer: LocalReply, { responseEdits }: Draft): LocalReply {
  const added = responseEdits.flatMap(({ set, add }) => [...set, ...add].flatMap(({ name, value }) => [name, value]));
  return added.length === 0 ? answer : { ...answer, fields: [...(answer.fields ?? []), ...added] };
}
