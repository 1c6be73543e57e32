/** The proxies that are compared, each started as its own program. */
import { spawn } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { createInterface } from "node:readline";
import { ports } from "../../mesh-runtime/common/ports.ts";
import { parseProcessEvent } from "../../mesh-runtime/common/process-events.ts";
import type { Root } from "../../mesh-runtime/identity/certificate-authority.ts";
import { builtInImages } from "../../mesh-runtime/node-runner/images.ts";
import { ControlPlaneStandIn } from "../../mesh-runtime/proxy/control-plane-stand-in.suite.ts";
import { root as checkout } from "../../supervisor/config.ts";
import { backendAddress, benchAddresses, benchConfig, benchSettings } from "./bench-config.ts";
import type { BenchCertificates } from "./certificates.ts";
import { envoyConfig } from "./envoy-config.ts";
import { ended, freePort } from "./processes.ts";

/** A proxy under measurement. */
export interface Subject {
  readonly name: string;
  readonly pid: number;
  readonly address: string;
  readonly port: number;
  stop(): Promise<void>;
}

/** How much configuration it has. */
export interface Shape {
  readonly routes: number;
  readonly rules: number;
}

/** What every subject needs. */
export interface Surroundings {
  /** For files of this run. */
  readonly folder: string;
  readonly root: Root;
  readonly certificates: BenchCertificates;
  readonly collectorPort: number;
}

/** The program of waypoint pods with the arguments that the node runner gives it; configuration and certificate come over xDS. */
export async function startTowpath({ folder, root, collectorPort }: Surroundings, shape: Shape): Promise<Subject> {
  const addresses = benchAddresses(backendAddress).map(({ value }) => value);
  const controlPlane = await ControlPlaneStandIn.start(folder, root, addresses);
  const token = join(folder, "token");
  await writeFile(token, "token", { mode: 0o600 });
  const { podIp, podName, namespace, node, serviceAccount, gateway, workloadName } = benchSettings;
  const [program = "", ...args] =
    builtInImages({ node: process.execPath, root: checkout }).get("towpath/proxy")?.entrypoint ?? [];
  const child = spawn(program, args, {
    stdio: ["pipe", "pipe", "inherit"],
    env: {
      PATH: process.env["PATH"],
      POD_NAME: podName,
      POD_NAMESPACE: namespace,
      POD_IP: podIp,
      NODE_NAME: node,
      SERVICE_ACCOUNT: serviceAccount,
      GATEWAY_NAME: gateway,
      WORKLOAD_NAME: workloadName,
      TOWPATH_XDS_ADDRESS: controlPlane.address,
      TOWPATH_XDS_ROOT: controlPlane.rootFile,
      TOWPATH_TOKEN_FILE: token,
      TOWPATH_TELEMETRY_ENDPOINT: `http://127.0.0.1:${collectorPort}`,
      TOWPATH_TELEMETRY_TOKEN_FILE: token,
      TOWPATH_REGION: "r1",
      TOWPATH_ZONE: "r1-a",
      TOWPATH_WORKERS_MAX: "0",
    },
  });
  const ready = Promise.withResolvers<void>();
  createInterface({ input: child.stdout }).on("line", (line) => {
    if (parseProcessEvent(line)?.event === "ready") {
      ready.resolve();
    }
  });
  child.once("exit", (code) => ready.reject(new Error(`the waypoint ended with ${code}`)));
  const refused = await controlPlane.push(benchConfig(shape));
  if (refused !== "") {
    throw new Error(refused);
  }
  await ready.promise;
  return {
    name: "Towpath",
    pid: child.pid ?? 0,
    address: podIp,
    port: ports.hbone,
    stop: async () => {
      await ended(child);
      controlPlane.close();
    },
  };
}

/** Envoy on one thread. `telemetry`: with labelled metrics, traces and a log, as in Istio; without: its plain statistics. */
export async function startEnvoy(
  binary: string,
  telemetry: boolean,
  { folder, certificates, collectorPort }: Surroundings,
  { routes, rules }: Shape,
): Promise<Subject> {
  const file = (name: string): string => join(folder, name);
  const { chain, key, roots } = certificates.waypoint;
  await writeFile(file("chain.pem"), chain);
  await writeFile(file("key.pem"), key, { mode: 0o600 });
  await writeFile(file("root.pem"), roots.join("\n"));
  const port = await freePort();
  const adminPort = await freePort();
  const config = envoyConfig({
    port,
    adminPort,
    backendAddress,
    backendPort: ports.hbone,
    certificateFile: file("chain.pem"),
    keyFile: file("key.pem"),
    rootFile: file("root.pem"),
    backendId: certificates.backend.info.spiffeId,
    clientId: certificates.client.info.spiffeId,
    routes,
    rules,
    collectorPort: telemetry ? collectorPort : undefined,
  });
  const configFile = file(`envoy-${port}.yaml`);
  await writeFile(configFile, config);
  const args = ["-c", configFile, "--concurrency", "1", "--use-dynamic-base-id", "-l", "error"];
  const child = spawn(binary, args, { stdio: "ignore" });
  const deadline = performance.now() + 10_000;
  while (
    !(await fetch(`http://127.0.0.1:${adminPort}/ready`).then(
      ({ ok }) => ok,
      () => false,
    ))
  ) {
    if (performance.now() > deadline) {
      throw new Error("Envoy did not become ready");
    }
  }
  return {
    name: telemetry ? "Envoy with Istio's telemetry" : "Envoy",
    pid: child.pid ?? 0,
    address: "127.0.0.1",
    port,
    stop: () => ended(child),
  };
}
