import type { BlockACallerForm } from "@/server/contracts/golden-paths/access.ts";
import { pathHeads } from "@/server/contracts/golden-paths/heads.ts";
import type { Block } from "../access/service-access.ts";
import { callerTitle, portsText, requestsText, shortTitle, timeText } from "../access/words.ts";
import { intentsOf } from "../intent.ts";
import { count, type GoldenPath, listNames } from "../path.ts";
import { blockFindings } from "./findings.ts";
import { blocksOf, heldBlock, planBlocks } from "./plan.ts";
import { blockProbes } from "./probes.ts";

function blockedText({ blocked, ports, requests, until }: Omit<Block, "slug" | "service">): string {
  const who =
    blocked.who === "this"
      ? shortTitle(blocked.caller)
      : `everybody but ${listNames(blocked.callers.map(shortTitle), 3)}`;
  const what = requests.length === 0 ? "" : ` ${requestsText(requests)}`;
  return `${who} is refused${what} on ${portsText(ports)}${until === null ? "" : ` until ${timeText(until)}`}`;
}

const namesOf = (form: BlockACallerForm): string => listNames(form.callers.map(shortTitle), 3);

export const blockACaller: GoldenPath<"block-a-caller"> = {
  slug: "block-a-caller",
  ...pathHeads["block-a-caller"],
  summary: "Refuse a caller, whatever else lets it in; or everybody but those you name.",
  keywords: ["deny", "refuse", "ban", "authorizationpolicy", "block", "incident", "stop"],

  plan: planBlocks,

  explain(form, context) {
    const callers = listNames([...new Set(form.callers.map((caller) => callerTitle(caller, context)))]);
    const where = `${form.service.name} on ${portsText(form.ports)}`;
    if (!form.blocked) {
      const who = form.who === "all-but" ? "everybody but those you named" : callers;
      return `Takes the block of ${who} at ${where} back: what other rules say holds again.`;
    }
    const what = form.requests.length === 0 ? "every call" : requestsText(form.requests);
    const who = form.who === "all-but" ? `everybody but ${callers}` : callers;
    const end = form.until === null ? "" : ` until ${timeText(form.until)}`;
    const rest =
      form.who === "all-but"
        ? ` ${callers} may call only as far as other rules let them.`
        : " Whatever else lets them in does not help.";
    const gone = blocksOf(form).flatMap((wanted) => {
      const held = heldBlock(wanted, context);
      return held === undefined || blockedText(held) === blockedText(wanted)
        ? []
        : [` Until now ${blockedText(held)}: this takes its place.`];
    });
    return `Refuses ${what} of ${who} to ${where}${end}.${rest}${gone.join("")}`;
  },

  changeTitle(form) {
    const who = form.who === "all-but" ? `everybody but ${namesOf(form)}` : namesOf(form);
    return form.blocked ? `Block ${who} at ${form.service.name}` : `Unblock ${who} at ${form.service.name}`;
  },

  button: (form, { callersCutOff }) =>
    form.blocked && callersCutOff > 0
      ? `Block, cut off ${count(callersCutOff, "caller")}`
      : blockACaller.changeTitle(form),

  confirmWord: () => "",

  inUse: ({ current }) => count(intentsOf(current, "block-a-caller").length, "block"),

  probes: (form, context) => (form.blocked ? blockProbes(form, context) : []),

  refill(of) {
    if (of.slug !== "block-a-caller") {
      return undefined;
    }
    const { slug: _slug, blocked, ...rest } = of;
    const callers = blocked.who === "this" ? [blocked.caller] : blocked.callers;
    const who = blocked.who === "this" ? "these" : "all-but";
    return { values: { ...rest, who, callers, blocked: true }, summary: blockedText(of) };
  },

  findings: blockFindings,
};
