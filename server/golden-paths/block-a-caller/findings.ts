/** What validation says about blocking callers. Pure. */
import type { BlockACallerForm } from "@/server/contracts/golden-paths/access.ts";
import type { Finding } from "@/server/contracts/golden-paths.ts";
import { findService, type InventoryService } from "@/server/inventory/model.ts";
import { callerFindings } from "../access/caller-findings.ts";
import { covers } from "../access/covered-rules.ts";
import { asCaller, gatewayCutOff, gatewaysInFront, isNamed } from "../access/gateway-cut-off.ts";
import { outcomeOf } from "../access/outcome.ts";
import { requestFindings } from "../access/request-findings.ts";
import { ruleFindings } from "../access/rule-findings.ts";
import type { Grant } from "../access/service-access.ts";
import {
  endFindings,
  enrolmentFindings,
  portFindings,
  unknownService,
  unreadablePorts,
} from "../access/service-findings.ts";
import { leakFindings } from "../access/shadow-findings.ts";
import { callerTitle } from "../access/words.ts";
import { intentsOfService } from "../intent.ts";
import { finding, type PathContext } from "../path.ts";
import { withdrawalOf } from "../withdrawal.ts";
import { planBlocks } from "./plan.ts";

export function blockFindings(form: BlockACallerForm, context: PathContext): Finding[] {
  const { inventory, nowUnixMs } = context;
  const service = findService(inventory, form.service);
  if (service === undefined) {
    return unknownService(form.service, inventory);
  }
  const found = [...portFindings(service, form.ports), ...enrolmentFindings(service)];
  if (!form.blocked) {
    return found;
  }
  found.push(
    ...(form.requests.length === 0 ? [] : unreadablePorts(service, form.ports, inventory)),
    ...blockedCallers(form, context),
    ...endFindings(form.until, nowUnixMs),
    ...requestFindings(form.requests, form.service, context),
    ...gatewayRefused(form, service, context),
    ...grantsWithoutEffect(form, service, context),
  );
  if (found.every(({ level }) => level !== "error")) {
    const { changes } = planBlocks(form, context);
    const outcome = outcomeOf(changes, context);
    const refused = form.who === "these" ? form.callers[0] : undefined;
    found.push(...ruleFindings(service, changes, outcome, context, refused));
    if (form.who === "these") {
      found.push(...leakFindings(service, form, outcome, context));
    }
  }
  return found;
}

/** Who proves no identity is not recognized: a block of it stops nothing, and an exception lets nobody in. */
function blockedCallers(form: BlockACallerForm, context: PathContext): Finding[] {
  return callerFindings(form.callers, context).map((one) => {
    if (one.code !== "caller-not-enrolled" || form.who === "all-but") {
      return one;
    }
    const index = Number(one.field.split(".")[1]);
    const caller = form.callers[index];
    const title = caller === undefined ? "It" : callerTitle(caller, context);
    return {
      ...one,
      message: `${title} is not in the mesh: its calls prove no identity, so this block does not recognize them. Enrol it, or require mutual TLS.`,
    };
  });
}

/** A gateway that sends calls from outside would be refused with everybody else. */
function gatewayRefused(form: BlockACallerForm, service: InventoryService, { inventory }: PathContext): Finding[] {
  const gateways =
    form.who === "all-but" ? gatewaysInFront(service, inventory).filter((one) => !isNamed(one, form.callers)) : [];
  return gatewayCutOff(service, gateways, {
    repair: { title: "Except the gateway too", values: { callers: [...form.callers, ...gateways.map(asCaller)] } },
  });
}

/** Rules of ours that let in what is refused now. */
function grantsWithoutEffect(form: BlockACallerForm, service: InventoryService, context: PathContext): Finding[] {
  const grants = intentsOfService(context.current, service).filter((one) => one.slug === "let-a-caller-in");
  return grants.flatMap((grant) => {
    if (!isBlocked(grant, form)) {
      return [];
    }
    const title = callerTitle(grant.caller, context);
    const message = `The rule that lets ${title} in has no effect while this block stands.`;
    const path = withdrawalOf(grant, `Stop ${title} from calling ${service.name}`, "Instead of a block") ?? null;
    return [finding("info", "rule-shadowed", "callers", message, { path })];
  });
}

function isBlocked({ caller, ports, requests }: Grant, form: BlockACallerForm): boolean {
  if (caller.kind === "anyone" || ports.some((port) => !form.ports.includes(port))) {
    return false;
  }
  const named = form.callers.some(
    (one) => one.namespace === caller.namespace && one.serviceAccount === caller.serviceAccount,
  );
  const all =
    form.requests.length === 0 ||
    (requests.length > 0 && requests.every((rule) => form.requests.some((block) => covers(block, rule))));
  return named === (form.who === "these") && all;
}
