import { afterAll, beforeAll } from "vitest";
import { customSuite } from "./conformance/authz-custom.suite.ts";
import { httpSuite } from "./conformance/authz-http.suite.ts";
import { ingressSuite } from "./conformance/authz-ingress.suite.ts";
import { jwtSuite } from "./conformance/authz-jwt.suite.ts";
import { mesh, startTasks } from "./conformance/authz-place.ts";

/**
 * What Istio's documentation shows of authentication and authorization (tasks "authn-policy", "authz-http", "authz-jwt",
 * "authz-deny", "authz-dry-run", "authz-custom", "authz-ingress", ambient "enforce authorization policies", and the
 * reference of conditions), as tables with real requests through a waypoint and an ingress gateway.
 */
beforeAll(startTasks);
afterAll(async () => {
  await mesh?.[Symbol.asyncDispose]();
});

httpSuite();
jwtSuite();
customSuite();
ingressSuite();
