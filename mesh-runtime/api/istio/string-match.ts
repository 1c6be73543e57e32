/** How Istio's routes compare texts, and where they send requests. */
import type * as z from "zod";
import { str, struct, uint32 } from "../schema/builders.ts";

export const stringMatch = struct(
  "v1alpha3.StringMatch",
  {},
  {
    exact: str().describe("The whole text."),
    prefix: str().describe("The start of the text."),
    regex: str().describe("An RE2 expression for the whole text."),
  },
  { exclusive: [["exact", "prefix", "regex"]] },
);

export const portSelector = struct("v1alpha3.PortSelector", {}, { number: uint32().describe("Number of the port.") });

export const destination = struct(
  "v1alpha3.Destination",
  { host: str().describe("Host of a service; short names are of the object's own namespace.") },
  {
    subset: str().describe("A subset that a DestinationRule of the host declares."),
    port: portSelector.describe("Port of the service; needed when it has several."),
  },
);

/** One way of three to compare a text; with none, presence. */
export type StringMatch = z.infer<typeof stringMatch>;
export type Destination = z.infer<typeof destination>;
