import { join } from "node:path";
import {
  type AddressBlock,
  controlPlaneAddress,
  nodeAddress,
  nodePodCidr,
} from "../mesh-runtime/common/address-block.ts";
import { ports } from "../mesh-runtime/common/ports.ts";
import { root } from "./config.ts";
import type { Home } from "./home.ts";
import type { ProcessSpec } from "./supervised-process.ts";
import { clusterId, type NodeTopology, nodes, trustDomain } from "./topology.ts";

export interface PlanInput {
  readonly home: Home;
  readonly block: AddressBlock;
  readonly apiPort: number;
  readonly gatewayPort: number;
  readonly portalPort: number;
  readonly databaseUrl: string | undefined;
  readonly demo: boolean;
  /** Inherited by every child; holds no secret of Towpath's own. */
  readonly env: NodeJS.ProcessEnv;
}

const script = (...parts: readonly string[]): string => join(root, ...parts);

/** What every process is started with: a table from decisions to command lines, without side effects. */
export function planProcesses(input: PlanInput): Record<"api" | "controlPlane" | "portal" | "visitor", ProcessSpec> & {
  readonly runners: readonly ProcessSpec[];
  readonly agents: readonly ProcessSpec[];
} {
  const { home, block, apiPort, gatewayPort, portalPort } = input;
  const env: Record<string, string> = { NODE_COMPILE_CACHE: home.at("cache") };
  for (const name of ["PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "TOWPATH_LOG_LEVEL"]) {
    const value = input.env[name];
    if (value !== undefined) {
      env[name] = value;
    }
  }
  const spec = (name: string, argv: readonly string[], more: Partial<ProcessSpec> = {}): ProcessSpec => ({
    name,
    argv,
    env,
    logFile: home.at("logs", `${name}.log`),
    graceMs: 4_000,
    ...more,
  });
  const xds = [
    ["--xds-address", `${controlPlaneAddress(block)}:${ports.xds}`],
    ["--xds-root", home.at("control-plane", "root-cert.pem")],
    ["--telemetry-endpoint", `http://127.0.0.1:${portalPort}`],
    ["--trust-domain", trustDomain],
    ["--cluster-id", clusterId],
  ].flat();
  const place = (node: NodeTopology): string[] => ["--node", node.name, "--region", node.region, "--zone", node.zone];
  return {
    api: spec("api-server", [
      script("mesh-runtime/api-server/main.ts"),
      ...["--data", home.at("api"), "--host", "127.0.0.1", "--port", String(apiPort)],
      ...["--credentials", home.at("credentials"), "--kubeconfig", home.kubeconfig],
      ...["--run", home.run, "--nodes", nodes.map(({ name }) => name).join(",")],
    ]),
    controlPlane: spec("control-plane", [
      script("mesh-runtime/control-plane/main.ts"),
      ...["--kubeconfig", home.credentials("control-plane"), "--data", home.at("control-plane")],
      ...["--address", controlPlaneAddress(block), "--trust-domain", trustDomain, "--cluster-id", clusterId],
      ...["--publish", `istio-ingress/ingress:80=${gatewayPort}`],
    ]),
    runners: nodes.map((node) =>
      spec(
        `node-runner-${node.name}`,
        [
          script("mesh-runtime/node-runner/main.ts"),
          ...place(node),
          ...["--pod-cidr", nodePodCidr(block, node.index), "--kubeconfig", home.credentials(node.name)],
          ...["--data", home.at("nodes", node.name), "--run", home.run, "--crash-back-off-ms", "1000"],
          ...xds,
        ],
        { graceMs: 8_000 },
      ),
    ),
    agents: nodes.map((node) =>
      spec(`agent-${node.name}`, [
        script("mesh-runtime/agent/main.ts"),
        ...place(node),
        ...["--address", nodeAddress(block, node.index), "--zds", join(home.run, `${node.name}.zds.sock`)],
        ...["--token-file", home.at("nodes", node.name, "agent", "istio-token")],
        ...["--telemetry-token-file", home.at("nodes", node.name, "agent", "telemetry-token")],
        ...xds,
      ]),
    ),
    portal: spec("portal", [script(".next/standalone/server.js")], {
      env: {
        ...env,
        NODE_ENV: "production",
        HOSTNAME: "127.0.0.1",
        PORT: String(portalPort),
        DATABASE_URL: input.databaseUrl ?? "",
        KUBECONFIG: home.credentials("portal"),
        TOWPATH_PORTAL_DATA: home.at("portal"),
        TOWPATH_PORTAL_URL: `http://127.0.0.1:${portalPort}`,
        TOWPATH_GATEWAY_URL: `http://127.0.0.1:${gatewayPort}`,
        TOWPATH_TARGET: "embedded",
        // The back end ends in good order by itself; Next would end the process under it.
        NEXT_MANUAL_SIG_HANDLE: "1",
        TOWPATH_DEMO: input.demo ? "1" : "",
      },
    }),
    visitor: spec("visitor", [
      script("demo/visitor.ts"),
      ...["--url", `http://127.0.0.1:${gatewayPort}/`, "--host", "istioinaction.io", "--rate", "2"],
    ]),
  };
}
