import { afterEach, expect, test } from "vitest";
import type { HttpAuthorization } from "../policy/http-model.ts";
import type { Engine } from "./engine.ts";
import {
  closeOpened,
  dialRig,
  get,
  proxyConfig,
  readAll,
  startBackend,
  startRig,
  workload,
} from "./engine-rig.suite.ts";

afterEach(closeOpened);

const denyAll: HttpAuthorization = {
  name: "closed",
  namespace: "default",
  action: "DENY",
  dryRun: false,
  provider: "",
  rules: [{ from: [], to: [], when: [] }],
};

test.each([
  ["few", 10],
  ["many", 500],
])(
  "a kept connection follows the policies of its pod, though %s other ports were asked for since",
  async (_, ports) => {
    const { port } = await startBackend((_request, response) => response.end("ok"));
    const pod = workload("a", port);
    const config = (authorizations: readonly HttpAuthorization[]) =>
      proxyConfig({
        kind: "waypoint",
        clusters: [],
        workloads: [{ workload: pod.uid, addresses: ["10.0.0.9"], authorizations, jwtRules: [], rateLimits: [] }],
      });
    const target = (engine: Engine) => engine.destination("10.0.0.9", port);
    const rig = await startRig([pod], { config: config([]), target });
    const socket = await dialRig(rig);
    const answers = readAll(socket);
    socket.write(get("/first", ""));
    await rig.nextOutcome();
    for (let other = 1; other <= ports; other++) {
      rig.engine.destination("10.0.0.9", 20_000 + other);
    }
    rig.engine.apply(config([denyAll]));
    socket.write(get("/second"));
    expect((await answers).match(/HTTP\/1\.1 \d+/g)).toEqual(["HTTP/1.1 200", "HTTP/1.1 403"]);
  },
);
