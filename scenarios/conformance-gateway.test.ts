import { afterAll, beforeAll } from "vitest";
import { attachmentSuite } from "./conformance/gateway-attachment.suite.ts";
import { filterSuite } from "./conformance/gateway-filters.suite.ts";
import { matchingSuite } from "./conformance/gateway-matching.suite.ts";
import { mesh, startGateways } from "./conformance/gateway-place.ts";
import { statusSuite } from "./conformance/gateway-status.suite.ts";
import { tlsSuite } from "./conformance/gateway-tls.suite.ts";

/**
 * The cases of Gateway API's conformance suite (conformance/tests) for HTTPRoute, GRPCRoute and Gateway that apply to an
 * ingress of this mesh: real requests from outside to the gateway's pod. What is the same code as in the mesh (edits of
 * fields, redirects, retries, …) is asked there in full and here in short. Each table has host names of its own.
 */
beforeAll(startGateways);
afterAll(async () => {
  await mesh?.[Symbol.asyncDispose]();
});

matchingSuite();
attachmentSuite();
filterSuite();
statusSuite();
tlsSuite();
