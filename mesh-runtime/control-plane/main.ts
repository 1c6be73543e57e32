/** The control plane process: CA, delta xDS, translation, statuses, and the controllers. */
import { closeWithParent, type Running } from "../common/lifetime.ts";
import { createLog } from "../common/log.ts";
import { emitProcessEvent } from "../common/process-events.ts";
import { startControllers } from "../controllers/start.ts";
import { createKubeClient } from "../kube-client/client.ts";
import { loadKubeconfig } from "../kube-client/kubeconfig.ts";
import { readConfig } from "./config.ts";
import { startControlPlane } from "./control-plane.ts";

const log = createLog("control-plane");

try {
  const config = readConfig(process.argv.slice(2));
  const client = createKubeClient({ kubeconfig: await loadKubeconfig(config.kubeconfig), component: "control-plane" });
  const running: Running[] = [];
  closeWithParent({
    async close() {
      await Promise.all(running.map((part) => part.close()));
      client.close();
    },
  });
  const controlPlane = await startControlPlane({ config, client, log });
  running.push(controlPlane);
  emitProcessEvent({ event: "listen", name: "xds", address: config.address, port: controlPlane.xdsPort });
  emitProcessEvent({
    event: "listen",
    name: "control-plane-monitoring",
    address: config.address,
    port: controlPlane.monitoringPort,
  });
  const { trustDomain, clusterId, publish } = config;
  running.push(
    await startControllers({ client, log: log.with({ part: "controllers" }), trustDomain, clusterId, publish }),
  );
  await controlPlane.ready;
  emitProcessEvent({ event: "ready" });
} catch (error) {
  const message = error instanceof Error ? error.message : String(error);
  log.error("the control plane cannot start", { error: message });
  emitProcessEvent({ event: "fatal", code: "control-plane-start", message });
  process.exitCode = 1;
  process.exit();
}
