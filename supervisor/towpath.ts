import { mkdir, stat, truncate } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Running } from "../mesh-runtime/common/lifetime.ts";
import { createLog } from "../mesh-runtime/common/log.ts";
import { createKubeClient } from "../mesh-runtime/kube-client/client.ts";
import { loadKubeconfig } from "../mesh-runtime/kube-client/kubeconfig.ts";
import type { SupervisorConfig } from "./config.ts";
import { applyDemo } from "./demo.ts";
import { SupervisorError } from "./errors.ts";
import { Home, type HomeState } from "./home.ts";
import { askInstance, ownInstance } from "./instance-socket.ts";
import { claimBlock, claimPort, preferPort } from "./network.ts";
import { planProcesses } from "./process-plan.ts";
import type { ReadyFacts, Reporter } from "./reporter.ts";
import { type ProcessMessage, type ProcessSpec, SupervisedProcess } from "./supervised-process.ts";

export interface Towpath extends Running {
  readonly facts: ReadyFacts;
  readonly home: Home;
  /** Running processes by name, for tests that kill them. */
  readonly processes: ReadonlyMap<string, SupervisedProcess>;
}

/** Thrown instead of `already-running` with what the other supervisor said. */
export class AlreadyRunningError extends SupervisorError {
  readonly facts: Partial<ReadyFacts>;

  constructor(facts: Partial<ReadyFacts>) {
    super("already-running", "Towpath is already running on this home.", "Use it, or choose another TOWPATH_HOME.");
    this.facts = facts;
  }
}

const gatewayWaitMs = 15_000;
const startWaitMs = 60_000;
const logBytesMax = 20 * 1024 * 1024;

/**
 * Starts everything in the order in which it is needed and resolves when the portal answers and the gateway is
 * published. Throws SupervisorError; whatever was started by then is stopped.
 */
export async function startTowpath(
  config: SupervisorConfig,
  { reporter, env }: { readonly reporter: Reporter; readonly env: NodeJS.ProcessEnv },
): Promise<Towpath> {
  const log = createLog("supervisor");
  const home = new Home(config.home);
  const instance = join(home.run, "supervisor.sock");
  const other = await askInstance(instance);
  if (other !== undefined) {
    throw new AlreadyRunningError(typeof other === "object" && other !== null ? other : {});
  }
  if (config.reset) {
    await home.reset();
  }
  await home.prepare();

  const stack = new AsyncDisposableStack();
  try {
    let facts: ReadyFacts | undefined;
    const socket = await ownInstance(instance, () => (facts === undefined ? {} : { ...facts, signIn: undefined }));
    stack.defer(() => void socket.close());

    const portalPort = config.portal ? await claimPort(config.portalPort, "portal", "PORT") : config.portalPort;
    const gatewayPort = await claimPort(config.gatewayPort, "gateway", "TOWPATH_GATEWAY_PORT");
    const before = await home.load();
    const { block, claim } = await claimBlock(home.path, before?.block);
    stack.defer(() => void claim.close());
    let state: HomeState = {
      version: 1,
      block,
      apiPort: await preferPort(before?.apiPort),
      demoApplied: before?.demoApplied ?? false,
    };
    await home.save(state);
    await trimLogs(home);

    const waiting = new Map<string, (event: ProcessMessage) => void>();
    const processes = new Map<string, SupervisedProcess>();
    const databases: Running[] = [];
    const run = (spec: ProcessSpec): SupervisedProcess => {
      const child = new SupervisedProcess(spec, log, (event, name) => {
        if (event.event === "fatal") {
          reporter.progress(
            `${name}: ${String(event["message"])}${event["remedy"] === undefined ? "" : ` ${String(event["remedy"])}`}`,
          );
        }
        waiting.get(`${name} ${event.event}`)?.(event);
      });
      processes.set(spec.name, child);
      child.start();
      return child;
    };
    /** Resolves with the named event of a process. Ask before `run`. */
    const expectEvent = (name: string, event: string): Promise<ProcessMessage> => {
      const seen = new Promise<ProcessMessage>((resolve, reject) => {
        const timer = setTimeout(
          () =>
            reject(
              new SupervisorError(
                "process-failed",
                `The ${name} did not become ready within ${startWaitMs / 1000} s.`,
                `Its log is ${home.at("logs", `${name}.log`)}.`,
              ),
            ),
          startWaitMs,
        );
        waiting.set(`${name} ${event}`, (message) => {
          clearTimeout(timer);
          resolve(message);
        });
      });
      // Whoever waits for several learns of the first failure only; the others are no faults of their own.
      seen.catch(() => {});
      return seen;
    };
    const stopAll = (names: readonly string[]): Promise<unknown> =>
      Promise.all(names.map((name) => processes.get(name)?.stop()));

    const plan = planProcesses({
      ...config,
      home,
      block: { block },
      apiPort: state.apiPort,
      gatewayPort,
      portalPort,
      env,
    });
    // In order of need; ended in the reverse: visitor and portal, pods, agents, control plane, API, database.
    stack.defer(async () => {
      await stopAll(["visitor", "portal"]);
      await stopAll(plan.runners.map(({ name }) => name));
      await stopAll([...plan.agents.map(({ name }) => name), "control-plane"]);
      await stopAll(["api-server"]);
      await Promise.all(databases.map((database) => database.close()));
    });

    const started = async (spec: ProcessSpec, event = "ready"): Promise<ProcessMessage> => {
      const seen = expectEvent(spec.name, event);
      run(spec);
      return seen;
    };
    const api = started(plan.api);
    const database =
      config.portal && config.databaseUrl === undefined
        ? import("./postgres.ts").then(async ({ startPostgres }) => {
            const postgres = await startPostgres({ dataDir: home.at("postgres"), runDir: home.run, log });
            databases.push(postgres);
            return postgres.url;
          })
        : Promise.resolve(config.databaseUrl ?? "");
    await api;

    run(plan.controlPlane);
    for (const spec of [...plan.runners, ...plan.agents]) {
      run(spec);
    }
    const demo = (async (): Promise<void> => {
      if (config.demo && !state.demoApplied) {
        const client = createKubeClient({ kubeconfig: await loadKubeconfig(home.kubeconfig), component: "supervisor" });
        try {
          await applyDemo(client);
        } finally {
          client.close();
        }
        state = { ...state, demoApplied: true };
        await home.save(state);
      }
    })();
    const portal = config.portal
      ? database.then(async (url) => {
          const signIn = expectEvent("portal", "sign-in");
          await started({ ...plan.portal, env: { ...plan.portal.env, DATABASE_URL: url } });
          return signIn;
        })
      : Promise.resolve({ event: "sign-in", platform: "", developer: "", auditor: "" });
    const [links] = await Promise.all([portal, demo]);
    if (config.demo) {
      await reachable(gatewayPort, gatewayWaitMs).catch(() =>
        reporter.progress("The gateway is not there yet; it will be published when its pod is ready."),
      );
      if (config.portal) {
        run(plan.visitor);
      }
    }

    facts = {
      portal: config.portal ? `http://127.0.0.1:${portalPort}` : "",
      gateway: `http://127.0.0.1:${gatewayPort}`,
      kubeconfig: home.kubeconfig,
      signIn: {
        platform: String(links["platform"]),
        developer: String(links["developer"]),
        auditor: String(links["auditor"]),
      },
    };
    const owned = stack.move();
    return { facts, home, processes, close: () => owned.disposeAsync() };
  } catch (error) {
    await stack.disposeAsync();
    throw error;
  }
}

async function reachable(port: number, withinMs: number): Promise<void> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const open = await new Promise<boolean>((resolve) => {
      const socket = connect({ host: "127.0.0.1", port });
      socket.once("connect", () => resolve(true));
      socket.once("error", () => resolve(false));
      socket.once("close", () => resolve(false));
      socket.once("connect", () => socket.destroy());
    });
    if (open) {
      return;
    }
    if (Date.now() > deadline) {
      throw new Error(`nothing listens on 127.0.0.1:${port}`);
    }
    await delay(50);
  }
}

/** Logs grow by appending; one that is too large begins anew at a start. */
async function trimLogs(home: Home): Promise<void> {
  const { readdir } = await import("node:fs/promises");
  await mkdir(home.at("logs"), { recursive: true, mode: 0o700 });
  for (const name of await readdir(home.at("logs"))) {
    const file = home.at("logs", name);
    if ((await stat(file)).size > logBytesMax) {
      await truncate(file);
    }
  }
}
