/** A proxy in a process of its own, to be killed: `one-proxy.suite.ts <address> <root file>`. Test code. */
import { startXdsClient, subscribeTo } from "../../xds/client.ts";
import { addressType } from "../../xds/codec.ts";
import { quiet } from "../plane.suite.ts";

const [address = "", rootCertificateFile = ""] = process.argv.slice(2);
const client = startXdsClient({
  address,
  rootCertificateFile,
  tokenProvider: () => "agent",
  node: { id: "ztunnel~127.0.0.1~ztunnel-node-a.istio-system~cluster.local", metadata: {} },
  subscriptions: [subscribeTo(addressType, "*", () => undefined)],
  log: quiet,
});
await client.synced;
setInterval(() => undefined, 60_000);
