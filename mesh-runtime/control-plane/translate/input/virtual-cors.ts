import type { L7Filter, L7StringMatch } from "../../../xds/proxy-config.ts";
import { readStringMatch } from "./string-match.ts";
import type { FieldReader } from "./unsupported.ts";

/** Reads `corsPolicy` of a VirtualService. */
export function readCors(reader: FieldReader | undefined): Extract<L7Filter, { kind: "cors" }> | undefined {
  if (reader === undefined) {
    return undefined;
  }
  const origins = reader.objects("allowOrigins").map((origin): L7StringMatch => readStringMatch(origin));
  const older = reader.list("allowOrigin").map((value): L7StringMatch => ({ type: "Exact", value, ignoreCase: false }));
  const preflights = reader.text("unmatchedPreflights", "UNSPECIFIED");
  if (preflights !== "UNSPECIFIED" && preflights !== "FORWARD") {
    reader.report("unmatchedPreflights", preflights);
  }
  const cors = {
    allowOrigins: origins.length > 0 ? origins : older,
    allowMethods: reader.list("allowMethods"),
    allowHeaders: reader.list("allowHeaders"),
    exposeHeaders: reader.list("exposeHeaders"),
    maxAge: Math.floor((reader.duration("maxAge") ?? 0) / 1_000),
    allowCredentials: reader.flag("allowCredentials"),
  };
  reader.rest();
  return { kind: "cors", cors };
}
