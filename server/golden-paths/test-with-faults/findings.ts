import type { TestWithFaultsForm } from "@/server/contracts/golden-paths/resilience.ts";
import type { Finding } from "@/server/contracts/golden-paths.ts";
import { tooFew } from "../mirror-traffic/too-few.ts";
import { finding, listNames, type PathContext } from "../path.ts";
import { durationFindings } from "../service-routes/service-plan.ts";

/** Names that are no headers of a request: the host, pseudo headers, claims of tokens. */
const pseudo = /^(host|:.*|@.*)$/;

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
  if (onlyWith === null || !pseudo.test(onlyWith.header)) {
    return [];
  }
  const message = `${onlyWith.header} is no header that a test can be known by. Use one of your own, such as x-fault.`;
  return [finding("error", "value-never-matches", "onlyWith.header", message)];
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
