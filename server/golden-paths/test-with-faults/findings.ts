import type { TestWithFaultsForm } from "@/server/contracts/golden-paths/resilience.ts";
import type { Finding } from "@/server/contracts/golden-paths.ts";
import { tooFew } from "../mirror-traffic/too-few.ts";
import { finding, listNames, type PathContext } from "../path.ts";
import { durationFindings } from "../service-routes/service-plan.ts";

/** Names that are no headers of a request: the host, pseudo headers, claims of tokens. */
const pseudo = /^(host|:.*|@.*)$/;
/** What arrives of a value as it was sent (RFC 9110 §5.5). */
const printable = /^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$/;

export const faultFindings = (form: TestWithFaultsForm, context: PathContext): Finding[] => [
  ...durationFindings("delay.time", form.delay?.time ?? null),
  ...past(form, context),
  ...header(form),
  ...(form.delay === null ? [] : tooFew(form.delay.percent, "delay.percent", form.service, context)),
  ...(form.abort === null ? [] : tooFew(form.abort.percent, "abort.percent", form.service, context)),
  ...everybody(form, context),
];

function past({ until }: TestWithFaultsForm, { nowUnixMs }: PathContext): Finding[] {
  const message = "The end is over already. Choose a later time, or none.";
  return until !== null && until <= nowUnixMs ? [finding("error", "ends-in-the-past", "until", message)] : [];
}

function header({ onlyWith }: TestWithFaultsForm): Finding[] {
  if (onlyWith === null) {
    return [];
  }
  const { header: name, value } = onlyWith;
  if (pseudo.test(name)) {
    const message = `${name} is no header that a test can be known by. Use one of your own, such as x-fault.`;
    return [finding("error", "value-never-matches", "onlyWith.header", message)];
  }
  const message =
    "A value of a header has printable characters of ASCII, and no spaces around it: this one never arrives.";
  return printable.test(value) ? [] : [finding("error", "value-never-matches", "onlyWith.value", message)];
}

/** Without a header, real callers are hit. */
function everybody({ service, onlyWith }: TestWithFaultsForm, { traffic }: PathContext): Finding[] {
  if (onlyWith !== null) {
    return [];
  }
  const calls = traffic.calls.filter(({ to }) => to.namespace === service.namespace && to.name === service.name);
  const repair = {
    title: "Only with x-fault: true",
    values: { onlyWith: { header: "x-fault", value: "true" } },
  };
  if (calls.length === 0) {
    const message = `Every caller of ${service.name} is meant. With a header only your own tests are.`;
    return [finding("info", "side-effects", "onlyWith", message, { repair })];
  }
  const rate = calls.reduce((sum, { requestsPerSecond }) => sum + requestsPerSecond, 0);
  const names = listNames([...new Set(calls.map(({ from }) => from.name))].sort(), 4);
  const message = `Real calls are hit: ${names} called ${service.name} ${Math.round(rate * 10) / 10} times a second. With a header only your own tests are.`;
  return [finding("warning", "side-effects", "onlyWith", message, { repair })];
}
