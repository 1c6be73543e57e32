import type { L7RouteMatch, L7StringMatch } from "../../../xds/proxy-config.ts";
import { readNamedMatches, readStringMatch } from "./string-match.ts";
import type { FieldReader } from "./unsupported.ts";

/**
 * Reads one match of a VirtualService. What holds a part that is not understood never matches, so that no rule takes
 * more than was asked: `undefined`, and the parts are added to `passedOver`.
 */
export function readVirtualMatch(outer: FieldReader, passedOver: string[]): L7RouteMatch | undefined {
  const unsupported: string[] = [];
  const reader = outer.again(unsupported);
  const uri = reader.object("uri");
  const ignoreCase = reader.flag("ignoreUriCase");
  const path = uri === undefined ? undefined : readStringMatch(uri, ignoreCase);
  const matchOf = (field: string): L7StringMatch | undefined => {
    const match = reader.object(field);
    const read = match === undefined ? undefined : readStringMatch(match);
    return read?.type === "Present" ? undefined : read;
  };
  const gateways = reader.list("gateways");
  if (gateways.length > 0 && !gateways.includes("mesh")) {
    reader.report("gateways", "only mesh is served");
  }
  if (reader.entries("sourceLabels").length > 0) {
    reader.report("sourceLabels");
  }
  const written = reader.raw("port");
  const port = reader.count("port") ?? 0;
  if (port > 65_535 || (written !== undefined && written !== null && port === 0 && written !== 0)) {
    reader.report("port");
  }
  const match: L7RouteMatch = {
    path:
      path === undefined || path.type === "Present" || path.type === "Suffix"
        ? { type: "Prefix", value: "/", ignoreCase: false }
        : { type: path.type, value: path.value, ignoreCase: path.ignoreCase },
    method: matchOf("method"),
    headers: [
      ...readNamedMatches(reader, "headers", unsupported, { negated: false, lowerCase: true }),
      ...readNamedMatches(reader, "withoutHeaders", unsupported, { negated: true, lowerCase: true }),
    ],
    queryParams: readNamedMatches(reader, "queryParams", unsupported, { negated: false, lowerCase: false }),
    authority: matchOf("authority"),
    scheme: matchOf("scheme"),
    port,
    sourceNamespace: reader.text("sourceNamespace"),
  };
  reader.text("name");
  if (reader.text("statPrefix") !== "") {
    passedOver.push(`${reader.path}.statPrefix`);
  }
  reader.rest();
  passedOver.push(...unsupported);
  return unsupported.length === 0 ? match : undefined;
}
