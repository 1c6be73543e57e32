/** Two versions of the service that releases are about: a Deployment and a ready pod each. */
import type { TestChanges } from "@/server/changes/test-changes.suite.ts";
import { resourcePath } from "@/server/cluster/kinds.ts";

const namespace = "purchase-history";
const app = "purchase-history";

export const deploymentOf = (version: string, more: object = {}) => {
  const labels = { app, version };
  return {
    metadata: { name: `${app}-${version}`, namespace, labels },
    spec: {
      replicas: 2,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          serviceAccountName: app,
          containers: [
            {
              name: app,
              image: `towpath/purchase-history:${version}`,
              args: ["--version", version],
              ports: [{ name: "http", containerPort: 8080 }],
              env: [
                { name: "DB_PASSWORD", value: "do-not-show-me" },
                { name: "LEVEL", value: "debug" },
              ],
              ...more,
            },
          ],
        },
      },
    },
  };
};

/** A pod that is ready, or is not any more. */
export async function readyPod(company: TestChanges, version: string, ready = true): Promise<void> {
  const name = `${app}-${version}-0`;
  await company.create("Pod", "v1", {
    metadata: { name, namespace, labels: { app, version } } as { name: string; namespace: string },
    spec: { nodeName: "node-a", serviceAccountName: app, containers: [{ name: app, image: "x" }] },
  });
  await company.connection.request({
    method: "PATCH",
    path: `${resourcePath("Pod", namespace, name)}/status`,
    contentType: "application/merge-patch+json",
    body: {
      status: {
        phase: "Running",
        podIP: "10.1.0.9",
        conditions: [{ type: "Ready", status: ready ? "True" : "False" }],
      },
    },
  });
  await company.seen(() => company.cluster.get("Pod", namespace, name)?.status?.podIP !== undefined);
}

export async function purchaseHistoryPods(company: TestChanges): Promise<void> {
  await company.create("Deployment", "apps/v1", deploymentOf("v1"));
  for (const version of ["v1", "v2"]) {
    await readyPod(company, version);
  }
  await company.seen(() => company.cluster.get("Deployment", namespace, `${app}-v1`) !== undefined);
}
