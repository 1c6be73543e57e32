import { TestMesh } from "./mesh.ts";
import { type Answer, requestFrom } from "./pod-session.ts";
import { visit } from "./visitors.ts";
import { namespace, podCaptured, podRef, type WithConditions } from "./workloads.ts";

const namespaces = ["web-api", "recommendation", "purchase-history", "default"];

/** The demo's company with all its namespaces in the mesh. */
export class Company implements AsyncDisposable {
  readonly mesh: TestMesh;

  private constructor(mesh: TestMesh) {
    this.mesh = mesh;
  }

  /** Starts it and waits until a visitor gets an answer from the end of the chain. */
  static async start(): Promise<Company> {
    const company = new Company(await TestMesh.start({ demo: true }));
    await company.#answers();
    for (const name of namespaces) {
      await company.mesh.apply(namespace(name, true));
    }
    for (const name of namespaces) {
      for (const { metadata } of await company.pods(name)) {
        await podCaptured(company.mesh, name, metadata?.name ?? "");
      }
    }
    return company;
  }

  async pods(at: string, app?: string): Promise<readonly WithConditions[]> {
    const { items } = await this.mesh.client.list(podRef, {
      namespace: at,
      ...(app === undefined ? {} : { labelSelector: `app=${app}` }),
    });
    return items;
  }

  /** Real requests from inside a pod of a Deployment. */
  async ask(
    from: { readonly namespace: string; readonly app: string },
    url: string,
    ...flags: string[]
  ): Promise<Answer[]> {
    const [pod] = await this.pods(from.namespace, from.app);
    return await requestFrom(
      this.mesh.kubeconfig,
      { namespace: from.namespace, name: pod?.metadata?.name ?? "" },
      url,
      flags,
    );
  }

  /** One request of `sleep`; the answer's status. */
  async status(url: string, ...flags: string[]): Promise<number> {
    const [answer] = await this.ask({ namespace: "default", app: "sleep" }, url, ...flags);
    return answer?.status ?? 0;
  }

  async #answers(): Promise<void> {
    const deadline = performance.now() + 30_000;
    for (;;) {
      const { status, body } = await visit(this.mesh.towpath.facts.gateway);
      if (status === 200 && body.includes("purchase-history")) {
        return;
      }
      if (performance.now() > deadline) {
        throw new Error(`the demo does not answer: ${status} ${body}`);
      }
      await new Promise(setImmediate);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.mesh[Symbol.asyncDispose]();
  }
}
