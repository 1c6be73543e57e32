import type { ReleaseAVersionForm, ReleaseMatch } from "@/server/contracts/golden-paths/release.ts";
import type { PathContext } from "../path.ts";
import type { Probe } from "../probe.ts";
import { type ProbeOptions, serviceProbe } from "../service-routes/service-probe.ts";

/** A call as always, and one for each header or cookie that leads to the new version: all must be answered. */
export function releaseProbes(form: ReleaseAVersionForm, context: PathContext): Probe[] {
  const { service, enabled, canary, match } = form;
  if (!enabled) {
    return [];
  }
  const leading = canary === null ? [] : match.flatMap((one) => headersOf(one) ?? []);
  return [undefined, ...leading].flatMap((headers) =>
    serviceProbe(service, context, headers === undefined ? {} : { headers: [headers] }),
  );
}

type Header = NonNullable<ProbeOptions["headers"]>[number];

/** Whoever is known by an identity is not asked to call: the portal sends as the callers that there are. */
function headersOf(match: ReleaseMatch): Header | undefined {
  switch (match.by) {
    case "header":
      return { name: match.name, value: match.value };
    case "cookie":
      return { name: "cookie", value: `${match.name}=${match.value}` };
    case "caller":
      return undefined;
  }
}
