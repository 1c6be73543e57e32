/** One forbidden import per rule: proof that the rules still bite. `file` imports `imports`. */
export const violations = [
  { rule: "no-cycles", file: "mesh-runtime/hbone/a.ts", imports: "./b.ts" },
  { rule: "mesh-knows-no-portal", file: "mesh-runtime/agent/portal.ts", imports: "../../server/cluster/x.ts" },
  {
    rule: "portal-talks-to-mesh-over-its-apis",
    file: "server/changes/mesh.ts",
    imports: "../../mesh-runtime/agent/x.ts",
  },
  { rule: "api-is-isomorphic", file: "mesh-runtime/api/log.ts", imports: "../common/x.ts" },
  { rule: "views-get-data-by-query-or-props", file: "components/ui/server.ts", imports: "../../server/cluster/x.ts" },
  { rule: "back-end-knows-no-pages", file: "server/traffic/view.ts", imports: "../../components/ui/x.ts" },
  { rule: "contracts-are-isomorphic", file: "server/contracts/db.ts", imports: "../cluster/x.ts" },
  { rule: "generators-are-pure", file: "server/golden-paths/lock-down/io.ts", imports: "../../cluster/x.ts" },
  { rule: "one-kubernetes-adapter", file: "server/changes/kube.ts", imports: "@kubernetes/client-node" },
  { rule: "one-database-adapter", file: "server/changes/sql.ts", imports: "pg" },
  { rule: "one-token-adapter", file: "mesh-runtime/proxy/token.ts", imports: "jose" },
  { rule: "one-graph-library-adapter", file: "components/ui/graph.ts", imports: "@xyflow/react" },
  { rule: "control-plane-ships-data", file: "mesh-runtime/control-plane/proxy.ts", imports: "../agent/x.ts" },
  { rule: "proxies-meet-at-xds", file: "mesh-runtime/agent/proxy.ts", imports: "../proxy/x.ts" },
  { rule: "proxies-meet-at-xds-2", file: "mesh-runtime/proxy/agent.ts", imports: "../agent/x.ts" },
  {
    rule: "policy-and-translation-are-pure",
    file: "mesh-runtime/control-plane/translate/log.ts",
    imports: "../../common/log.ts",
  },
  { rule: "pure-code-uses-no-node", file: "mesh-runtime/policy/disk.ts", imports: "node:fs" },
  { rule: "policy-is-a-leaf", file: "mesh-runtime/policy/wire.ts", imports: "../agent/x.ts" },
  { rule: "common-is-a-leaf", file: "mesh-runtime/common/up.ts", imports: "../agent/x.ts" },
  { rule: "test-code-stays-out", file: "mesh-runtime/agent/prod.ts", imports: "./x.test.ts" },
  { rule: "command-line-runs-anywhere", file: "cli/portal.mjs", imports: "../server/cluster/x.ts" },
  { rule: "no-drawers", file: "server/changes/drawer.ts", imports: "./utils.ts" },
];

/** Files that the violations import. */
export const targets = [
  ["mesh-runtime/hbone/b.ts", 'import "./a.ts";'],
  ["mesh-runtime/agent/x.ts"],
  ["mesh-runtime/agent/x.test.ts"],
  ["mesh-runtime/proxy/x.ts"],
  ["mesh-runtime/common/x.ts"],
  ["mesh-runtime/common/log.ts"],
  ["server/cluster/x.ts"],
  ["server/changes/utils.ts"],
  ["components/ui/x.ts"],
];
