import { afterAll, beforeAll } from "vitest";
import { backendSuite } from "./conformance/mesh-backends.suite.ts";
import { editSuite } from "./conformance/mesh-edits.suite.ts";
import { failureSuite } from "./conformance/mesh-failure.suite.ts";
import { frontendSuite } from "./conformance/mesh-frontends.suite.ts";
import { grpcSuite } from "./conformance/mesh-grpc.suite.ts";
import { matchingSuite } from "./conformance/mesh-matching.suite.ts";
import { mesh, startWaypoint } from "./conformance/mesh-place.ts";
import { redirectSuite } from "./conformance/mesh-redirects.suite.ts";

/**
 * The cases of Gateway API's mesh conformance suite (conformance/tests/mesh), and those of its HTTPRoute suite that a
 * mesh can be asked too, with real requests from a pod through its agent and the waypoint to the back end's agent. Each
 * table has a Service of its own in the suite's `echo`'s place, so that no route waits for another one to go.
 */
beforeAll(startWaypoint);
afterAll(async () => {
  await mesh?.[Symbol.asyncDispose]();
});

frontendSuite();
matchingSuite();
editSuite();
redirectSuite();
backendSuite();
grpcSuite();
failureSuite();
