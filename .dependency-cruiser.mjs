/**
 * Import rules. Each says what to do instead; `bootstrap/boundaries` has a fixture that breaks each of them once.
 */
const no = (name, comment, from, to) => ({ name, comment, severity: "error", from, to });

const mesh = "^mesh-runtime/";
const meshPart = (...parts) => `^mesh-runtime/(${parts.join("|")})/`;

export default {
  forbidden: [
    no("no-cycles", "Split the shared type out.", {}, { circular: true }),
    no(
      "mesh-knows-no-portal",
      "The mesh knows nothing of the portal; it is reached over the Kubernetes API and telemetry.",
      // One test drives the API server with the client that the portal uses.
      { path: mesh, pathNot: "^mesh-runtime/api-server/client-node\\.test\\.ts$" },
      {
        path: "^(app|components|server|prisma|e2e|supervisor|demo)/|node_modules/(next|react|react-dom|@prisma|@kubernetes)/",
      },
    ),
    no(
      "portal-talks-to-mesh-over-its-apis",
      "Only the contracts (mesh-runtime/api) and the pure policy engine (mesh-runtime/policy) are shared.",
      { path: "^(app|components|server|prisma)/" },
      { path: mesh, pathNot: meshPart("api", "policy") },
    ),
    no(
      "api-is-isomorphic",
      "mesh-runtime/api imports zod and itself only.",
      { path: meshPart("api"), pathNot: "\\.test\\.ts$" },
      { pathNot: "^mesh-runtime/api/|node_modules/zod/" },
    ),
    no(
      "views-get-data-by-query-or-props",
      "A component may import server/contracts, never the rest of server/ or Node.",
      { path: "^components/" },
      { path: "^(app|prisma)/|^server/(?!contracts/)" },
    ),
    no(
      "back-end-knows-no-pages",
      "server/ does not import React or pages.",
      { path: "^server/" },
      { path: "^(app|components)/|node_modules/(react|react-dom|@xyflow|@tanstack)/" },
    ),
    no(
      "contracts-are-isomorphic",
      "server/contracts imports zod, mesh-runtime/api and itself only.",
      { path: "^server/contracts/", pathNot: "\\.test\\.ts$" },
      { pathNot: "^server/contracts/|^mesh-runtime/api/|node_modules/zod/" },
    ),
    no(
      "generators-are-pure",
      "Generators and graph building do no I/O: pass data in.",
      { path: "^server/(golden-paths|traffic/graph|impact)/", pathNot: "\\.test\\.ts$" },
      { path: "^server/(cluster|db|config|auth)|node_modules/(pg|@prisma|@kubernetes)/" },
    ),
    no(
      "one-kubernetes-adapter",
      "Use server/cluster.",
      { path: "^(app|components|server)/", pathNot: "^server/cluster/" },
      { path: "node_modules/@kubernetes/client-node/" },
    ),
    no(
      "one-token-adapter",
      "Use mesh-runtime/l7/plan/jwt/signature.ts: what verifies tokens stands in one place.",
      { path: mesh, pathNot: "^mesh-runtime/l7/plan/jwt/signature\\.ts$|\\.(test|suite)\\.ts$" },
      { path: "node_modules/jose/" },
    ),
    no(
      "one-database-adapter",
      "Use server/db.",
      { path: "^(app|components|server)/", pathNot: "^server/db/" },
      { path: "node_modules/(@prisma|pg)/" },
    ),
    no(
      "one-graph-library-adapter",
      "Use components/traffic-graph.",
      { path: "^(app|components|server)/", pathNot: "^components/traffic-graph/" },
      { path: "node_modules/(@xyflow|elkjs)/" },
    ),
    no(
      "control-plane-ships-data",
      "The control plane does not know the proxies.",
      { path: meshPart("control-plane", "controllers") },
      { path: meshPart("agent", "proxy", "l7", "hbone", "node-runner", "api-server") },
    ),
    no(
      "proxies-meet-at-xds",
      "Agent and gateway share http1, hbone, xds, identity, policy and telemetry, never each other.",
      { path: meshPart("agent") },
      { path: meshPart("proxy", "l7", "control-plane", "controllers", "api-server", "node-runner") },
    ),
    no(
      "proxies-meet-at-xds-2",
      "Agent and gateway share http1, hbone, xds, identity, policy and telemetry, never each other.",
      { path: meshPart("proxy", "l7") },
      { path: meshPart("agent", "control-plane", "controllers", "api-server", "node-runner") },
    ),
    no(
      "policy-and-translation-are-pure",
      "No Node, no sockets, no clock, no log: pass data in.",
      { path: "^mesh-runtime/(policy|control-plane/translate)/", pathNot: "\\.test\\.ts$" },
      { path: "^mesh-runtime/common/(log|lifetime|process-events)" },
    ),
    no(
      "pure-code-uses-no-node",
      "No node: modules here: pass data in.",
      {
        path: "^components/|^mesh-runtime/(api|policy|control-plane/translate)/|^server/(contracts|golden-paths|traffic/graph|impact)/",
        pathNot: "\\.test\\.tsx?$",
      },
      { dependencyTypes: ["core"] },
    ),
    no(
      "policy-is-a-leaf",
      "mesh-runtime/policy imports api and itself only.",
      { path: meshPart("policy"), pathNot: "\\.test\\.ts$" },
      { path: mesh, pathNot: meshPart("policy", "api") },
    ),
    no(
      "common-is-a-leaf",
      "mesh-runtime/common imports Node only.",
      { path: meshPart("common") },
      { path: mesh, pathNot: meshPart("common") },
    ),
    no(
      "test-code-stays-out",
      "Production code imports no test code.",
      {
        path: "^(app|components|server|mesh-runtime|supervisor|demo|cli)/",
        pathNot: "\\.(test|suite)\\.tsx?$|^mesh-runtime/testing/",
      },
      { path: "\\.(test|suite)\\.tsx?$|^mesh-runtime/testing/|^e2e/|node_modules/vitest/" },
    ),
    no(
      "command-line-runs-anywhere",
      "cli/ runs on any Node ≥ 18 before anything is built: plain .mjs, Node, and yaml when it is installed.",
      { path: "^cli/.*\\.mjs$" },
      { pathNot: "^cli/.*\\.mjs$|node_modules/yaml/", dependencyTypesNot: ["core"] },
    ),
    no(
      "no-drawers",
      "Name a file after its idea, not utils, helpers, misc or common.",
      {},
      { path: "/(utils?|helpers?|misc)\\.tsx?$", pathNot: "node_modules" },
    ),
  ],
  options: {
    // TypeScript 7 has no compiler API yet: parse with swc.
    parser: "swc",
    doNotFollow: { path: "node_modules" },
    exclude: { path: "\\.next|testdata|/generated/" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: {
      extensions: [".ts", ".tsx", ".js", ".mjs"],
      exportsFields: ["exports"],
      conditionNames: ["import", "require", "node", "default", "types"],
    },
  },
};
