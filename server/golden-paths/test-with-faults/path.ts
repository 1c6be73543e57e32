import { pathHeads } from "@/server/contracts/golden-paths/heads.ts";
import type { TestWithFaultsForm } from "@/server/contracts/golden-paths/resilience.ts";
import { type IntentOf, intentsOf } from "../intent.ts";
import { type GoldenPath, listNames } from "../path.ts";
import { routeFindings } from "../service-routes/route-findings.ts";
import { inServices, intentsAfter, planForService, serviceFindings } from "../service-routes/service-plan.ts";
import { serviceProbe } from "../service-routes/service-probe.ts";
import { faultFindings } from "./findings.ts";

const intentOf = ({ enabled: _enabled, ...values }: TestWithFaultsForm): IntentOf<"test-with-faults"> => ({
  slug: "test-with-faults",
  ...values,
});

type Faults = Pick<TestWithFaultsForm, "delay" | "abort">;

/** "delays 50 % by 2s and answers 10 % with 503". */
const faultsText = ({ delay, abort }: Faults): string =>
  listNames([
    ...(delay === null ? [] : [`delays ${delay.percent} % by ${delay.time}`]),
    ...(abort === null ? [] : [`answers ${abort.percent} % with ${abort.status}`]),
  ]);

/** Every caller is meant, and every call fails. */
const failsAll = ({ onlyWith, abort, enabled }: TestWithFaultsForm): boolean =>
  enabled && onlyWith === null && abort?.percent === 100;

export const testWithFaults: GoldenPath<"test-with-faults"> = {
  slug: "test-with-faults",
  ...pathHeads["test-with-faults"],
  summary: "Make calls slow, or let them fail, on purpose: for everybody, or only for requests with a header.",
  keywords: ["fault injection", "chaos", "delay", "abort", "virtualservice", "resilience test", "game day"],

  inUse: ({ current }) => inServices(intentsOf(current, "test-with-faults")),

  plan: (form, context) => planForService(intentOf(form), form.enabled, context),

  explain(form) {
    const { service, onlyWith, until, enabled } = form;
    if (!enabled) {
      return `Stops the faults of ${service.name}.`;
    }
    const whose = onlyWith === null ? "calls" : `calls with ${onlyWith.header}: ${onlyWith.value}`;
    const end =
      until === null
        ? ""
        : ` It ends by itself on ${new Date(until).toISOString().slice(0, 16).replace("T", " ")} UTC.`;
    return `Of all ${whose} to ${service.name}, ${faultsText(form)}, without asking ${service.name}.${end}`;
  },

  changeTitle: ({ enabled, service: { name } }) =>
    enabled ? `Test ${name} with faults` : `Stop the faults of ${name}`,

  button: (form) => (failsAll(form) ? `Let every call to ${form.service.name} fail` : testWithFaults.changeTitle(form)),

  confirmWord: (form) => (failsAll(form) ? form.service.name : ""),

  findings(form, context) {
    const next = intentsAfter(testWithFaults.plan(form, context), context);
    return form.enabled
      ? [
          ...serviceFindings(form.service, context),
          ...faultFindings(form, context),
          ...routeFindings(form.service, next, context),
        ]
      : routeFindings(form.service, next, context);
  },

  probes(form, context) {
    const { abort, onlyWith, enabled, service } = form;
    if (!enabled) {
      return serviceProbe(service, context);
    }
    const headers = onlyWith === null ? [] : [{ name: onlyWith.header, value: onlyWith.value }];
    // What happens by chance proves nothing.
    return abort?.percent === 100
      ? [
          ...serviceProbe(service, context, { headers, expect: { kind: "status", status: abort.status } }),
          ...(onlyWith === null ? [] : serviceProbe(service, context)),
        ]
      : serviceProbe(service, context);
  },

  refill(of) {
    if (of.slug !== "test-with-faults") {
      return undefined;
    }
    const { slug: _slug, ...values } = of;
    const whose = of.onlyWith === null ? "" : ` with ${of.onlyWith.header}`;
    return { values: { ...values, enabled: true }, summary: `${faultsText(of)}${whose}` };
  },
};
