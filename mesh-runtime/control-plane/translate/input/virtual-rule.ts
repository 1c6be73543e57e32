import type { L7Fault, L7Filter, L7RetryPolicy, L7RouteMatch, L7Timeouts } from "../../../xds/proxy-config.ts";
import { port } from "./lenient.ts";
import type { FieldReader } from "./unsupported.ts";
import {
  type HeadersInput,
  type RewriteInput,
  readDirectResponse,
  readHeaders,
  readRedirect,
  readRewrite,
} from "./virtual-action.ts";
import { readCors } from "./virtual-cors.ts";
import { percentage, readFault } from "./virtual-fault.ts";
import { readVirtualMatch } from "./virtual-match.ts";
import { readRetries } from "./virtual-retries.ts";

/** Where a VirtualService sends requests. */
export interface DestinationInput {
  /** As written, in lower case. */
  readonly host: string;
  readonly subset: string;
  /** 0: the only port of the service, or the one that was called. */
  readonly port: number;
}

/** One entry of `http` of a VirtualService. */
export interface VirtualRuleInput {
  readonly name: string;
  /** Empty: everything. `undefined`: nothing, since none of the matches that were written can be understood. */
  readonly matches: readonly L7RouteMatch[] | undefined;
  readonly destinations: readonly (DestinationInput & { readonly weight: number; readonly headers: HeadersInput })[];
  /** Redirect or direct response, instead of destinations. */
  readonly answer: Extract<L7Filter, { kind: "redirect" | "directResponse" }> | undefined;
  /** The redirect goes to the port that was called. */
  readonly redirectToCalledPort: boolean;
  readonly rewrite: RewriteInput | undefined;
  readonly headers: HeadersInput;
  readonly mirrors: readonly (DestinationInput & { readonly fraction: number })[];
  readonly cors: Extract<L7Filter, { kind: "cors" }> | undefined;
  readonly timeouts: L7Timeouts;
  readonly retry: L7RetryPolicy | undefined;
  readonly fault: L7Fault | undefined;
}

/** Reads a rule. Matches that cannot be understood are dropped and told in `passedOver`. */
export function readVirtualRule(reader: FieldReader, passedOver: string[]): VirtualRuleInput {
  const written = reader.objects("match");
  const matches = written.flatMap((match) => readVirtualMatch(match, passedOver) ?? []);
  const redirect = reader.object("redirect");
  const redirected = redirect === undefined ? undefined : readRedirect(redirect);
  const direct = reader.object("directResponse");
  const answer = redirected?.filter ?? (direct === undefined ? undefined : readDirectResponse(direct));
  const destinations = reader.objects("route").map((entry) => {
    const destination = readDestination(entry.object("destination"));
    const read = { ...destination, weight: entry.count("weight") ?? 0, headers: readHeaders(entry.object("headers")) };
    entry.rest();
    return read;
  });
  const retries = readRetries(reader.object("retries"), passedOver);
  const rule: VirtualRuleInput = {
    name: reader.text("name"),
    matches: written.length > 0 && matches.length === 0 ? undefined : matches,
    // A single destination takes everything, whatever its weight (istio/istio `applyHTTPRouteDestination`).
    destinations: destinations.length === 1 ? destinations.map((only) => ({ ...only, weight: 1 })) : destinations,
    answer,
    redirectToCalledPort: redirected?.toCalledPort === true,
    rewrite: readRewrite(reader.object("rewrite")),
    headers: readHeaders(reader.object("headers")),
    mirrors: readMirrors(reader),
    cors: readCors(reader.object("corsPolicy")),
    timeouts: { requestMs: reader.duration("timeout") ?? 0, perTryMs: retries?.perTryMs ?? 0, idleMs: 0 },
    retry: retries?.policy,
    fault: readFault(reader.object("fault")),
  };
  if (reader.has("delegate")) {
    reader.report("delegate");
  } else if (answer === undefined && destinations.length === 0) {
    reader.report("route", "nowhere to go");
  }
  reader.rest();
  return rule;
}

function readDestination(reader: FieldReader | undefined): DestinationInput {
  const number = reader?.object("port");
  const read = {
    host: reader?.text("host").toLowerCase() ?? "",
    subset: reader?.text("subset") ?? "",
    port: port(number?.raw("number")),
  };
  number?.rest();
  reader?.rest();
  return read;
}

function readMirrors(reader: FieldReader): VirtualRuleInput["mirrors"] {
  const mirrors: VirtualRuleInput["mirrors"][number][] = [];
  const older = reader.raw("mirrorPercent");
  const byInteger = typeof older === "number" && older >= 0 && older <= 100 ? older / 100 : undefined;
  const fraction = percentage(reader.object("mirrorPercentage")) ?? byInteger ?? 1;
  if (older !== undefined && older !== null && byInteger === undefined) {
    reader.report("mirrorPercent");
  }
  if (reader.has("mirror")) {
    mirrors.push({ ...readDestination(reader.object("mirror")), fraction });
  }
  for (const entry of reader.objects("mirrors")) {
    const share = percentage(entry.object("percentage")) ?? 1;
    mirrors.push({ ...readDestination(entry.object("destination")), fraction: share });
    entry.rest();
  }
  return mirrors.filter((mirror) => mirror.fraction > 0);
}
