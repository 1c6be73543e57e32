/** A real API server over real HTTPS in a directory of its own, for tests. */
import { mkdtempSync, rmSync } from "node:fs";
import type { IncomingHttpHeaders } from "node:http";
import { Agent, request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Log } from "../common/log.ts";
import { createKubeClient, type KubeClient } from "../kube-client/client.ts";
import { type Kubeconfig, loadKubeconfig } from "../kube-client/kubeconfig.ts";
import { startApiServer } from "./server.ts";

export interface RawAnswer {
  readonly code: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
  readonly json: any;
}

export interface RawCall {
  readonly method?: string;
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly contentType?: string;
  readonly accept?: string;
  readonly userAgent?: string;
  /** Default: the administrator's. `null` sends none. */
  readonly token?: string | null;
}

export interface RunningServer extends AsyncDisposable {
  readonly home: string;
  readonly port: number;
  readonly admin: Kubeconfig;
  client(component: string): Promise<KubeClient>;
  kubeconfig(component: string): Promise<Kubeconfig>;
  call(call: RawCall): Promise<RawAnswer>;
  /** Stops the server and starts it again on the same data. */
  restart(): Promise<void>;
}

/** Only bugs are logged as errors, and a bug fails the test that meets it. */
const log: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error(message, fields) {
    throw new Error(`${message} ${JSON.stringify(fields)}`);
  },
  with: () => log,
};

/** `home` is removed in the end unless it is given. */
export async function startServer(): Promise<RunningServer> {
  const home = mkdtempSync(join(tmpdir(), "towpath-api-"));
  const start = (port: number) =>
    startApiServer({
      log,
      config: {
        data: join(home, "api"),
        host: "127.0.0.1",
        port,
        credentials: join(home, "credentials"),
        kubeconfig: join(home, "kubeconfig"),
        run: join(home, "run"),
        nodes: ["node-a", "node-b"],
      },
    });
  let server = await start(0);
  const { port } = server;
  const admin = await loadKubeconfig(join(home, "kubeconfig"));
  const newAgent = (): Agent => new Agent({ ca: admin.certificateAuthority, keepAlive: true });
  let agent = newAgent();
  const clients: KubeClient[] = [];
  const kubeconfig = (component: string): Promise<Kubeconfig> =>
    loadKubeconfig(
      component === "admin" ? join(home, "kubeconfig") : join(home, "credentials", `${component}.kubeconfig`),
    );
  return {
    home,
    port,
    admin,
    kubeconfig,
    async client(component) {
      const client = createKubeClient({ kubeconfig: await kubeconfig(component), component });
      clients.push(client);
      return client;
    },
    call: (call) => send(port, agent, admin.token, call),
    async restart() {
      agent.destroy();
      agent = newAgent();
      await server.close();
      server = await start(port);
    },
    async [Symbol.asyncDispose]() {
      for (const client of clients) {
        client.close();
      }
      agent.destroy();
      await server.close();
      rmSync(home, { recursive: true, force: true });
    },
  };
}

function send(port: number, agent: Agent, adminToken: string, call: RawCall): Promise<RawAnswer> {
  const { method = "GET", path, query = {}, body, contentType = "application/json", accept, userAgent, token } = call;
  const isRaw = typeof body === "string" || Buffer.isBuffer(body);
  const text = body === undefined ? undefined : isRaw ? body : JSON.stringify(body);
  const search = new URLSearchParams(query).toString();
  return new Promise((resolve, reject) => {
    const outgoing = request(
      {
        agent,
        port,
        host: "127.0.0.1",
        method,
        path: search === "" ? path : `${path}?${search}`,
        headers: {
          ...(token === null ? {} : { authorization: `Bearer ${token ?? adminToken}` }),
          accept: accept ?? "application/json",
          "user-agent": userAgent ?? "tester/1.0",
          ...(text === undefined ? {} : { "content-type": contentType, "content-length": Buffer.byteLength(text) }),
        },
      },
      (answer) => {
        const chunks: Buffer[] = [];
        answer.on("data", (chunk: Buffer) => chunks.push(chunk));
        answer.on("error", reject);
        answer.on("end", () => {
          const whole = Buffer.concat(chunks).toString("utf8");
          let json: unknown;
          try {
            json = JSON.parse(whole);
          } catch {
            json = undefined;
          }
          resolve({ code: answer.statusCode ?? 0, headers: answer.headers, text: whole, json });
        });
      },
    );
    outgoing.on("error", reject);
    outgoing.end(text);
  });
}
