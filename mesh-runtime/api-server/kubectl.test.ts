/** An unmodified kubectl against a running server. The same calls through client-node are in `client-node.test.ts`. */
import { execFile, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type RunningServer, startServer } from "./running-server.suite.ts";

const isThere = spawnSync("kubectl", ["version", "--client"]).status === 0;
const run = promisify(execFile);

describe.skipIf(!isThere)(
  `kubectl${isThere ? "" : " (skipped: there is no kubectl on the PATH)"}`,
  () => {
    let server: RunningServer;
    let directory: string;
    beforeAll(async () => {
      server = await startServer();
      directory = mkdtempSync(join(tmpdir(), "towpath-kubectl-"));
      writeFileSync(join(directory, "all.yaml"), manifest);
    });
    afterAll(async () => {
      await server[Symbol.asyncDispose]();
      rmSync(directory, { recursive: true, force: true });
    });

    const base = (): string[] => [
      "--kubeconfig",
      join(server.home, "kubeconfig"),
      "--cache-dir",
      join(directory, "cache"),
    ];
    /** What kubectl printed: stdout, and stderr after it. */
    const kubectl = async (...args: string[]): Promise<string> => {
      const { stdout, stderr } = await run("kubectl", [...base(), ...args], { cwd: directory }).catch(
        (error: { stdout: string; stderr: string; code: number }) => ({
          stdout: error.stdout,
          stderr: `${error.stderr}exit ${error.code}`,
        }),
      );
      return `${stdout}${stderr}`.trim();
    };

    test("learns what is served", async () => {
      expect(await kubectl("version")).toContain("Server Version: v1.33");
      const resources = await kubectl("api-resources", "--no-headers");
      for (const line of [
        "pods po v1 true Pod",
        "deployments deploy apps/v1 true Deployment",
        "httproutes gateway.networking.k8s.io/v1 true HTTPRoute",
      ]) {
        expect(resources.replace(/ +/g, " ")).toContain(line);
      }
      expect(await kubectl("explain", "authorizationpolicy.spec.action")).toContain("action");
      expect(await kubectl("auth", "whoami")).toContain("kubernetes-admin");
      expect(await kubectl("auth", "can-i", "create", "pods")).toBe("yes");
    });

    test("applies, applies again, and shows tables", async () => {
      const created = await kubectl("apply", "-f", "all.yaml");
      expect(created.split("\n")).toEqual([
        "namespace/shop created",
        "service/web created",
        "deployment.apps/web created",
        "authorizationpolicy.security.istio.io/deny-all created",
        "peerauthentication.security.istio.io/default created",
        "gateway.gateway.networking.k8s.io/ingress created",
        "httproute.gateway.networking.k8s.io/web created",
      ]);
      const again = await kubectl("apply", "-f", "all.yaml");
      expect(
        again
          .split("\n")
          .slice(0, 5)
          .every((line) => line.endsWith("unchanged")),
      ).toBe(true);
      const columns = async (...args: string[]) => (await kubectl(...args)).split("\n")[0]?.split(/ {2,}/);
      expect(await columns("get", "deploy", "-n", "shop")).toEqual(["NAME", "READY", "UP-TO-DATE", "AVAILABLE", "AGE"]);
      expect(await columns("get", "svc", "-A")).toEqual([
        "NAMESPACE",
        "NAME",
        "TYPE",
        "CLUSTER-IP",
        "EXTERNAL-IP",
        "PORT(S)",
        "AGE",
      ]);
      expect(await columns("get", "gateways", "-n", "shop")).toEqual(["NAME", "CLASS", "ADDRESS", "PROGRAMMED", "AGE"]);
      expect(await kubectl("get", "pa", "-n", "shop")).toContain("STRICT");
      expect(await kubectl("get", "deploy", "web", "-n", "shop", "-o", "jsonpath={.spec.replicas}")).toBe("2");
      expect(await kubectl("get", "ns", "-l", "team=shop", "-o", "name")).toBe("namespace/shop");
      expect(await kubectl("get", "ns", "--field-selector", "metadata.name=shop", "-o", "name")).toBe("namespace/shop");
      expect((await kubectl("get", "ns", "--chunk-size=1", "-o", "name")).split("\n").length).toBeGreaterThan(3);
    });

    test("applies and lists everything about routing, by names and by short names", async () => {
      writeFileSync(join(directory, "routing.yaml"), routing);
      expect(await kubectl("create", "namespace", "routes")).toContain("created");
      const applied = (await kubectl("apply", "--server-side", "-f", "routing.yaml")).split("\n");
      expect(applied).toHaveLength(10);
      expect(applied.filter((line) => !line.endsWith("serverside-applied"))).toEqual([]);
      const plurals =
        "gateway,httproute,grpcroute,destinationrule,virtualservice,requestauthentication,ratelimitpolicy,telemetry,serviceentry,referencegrant";
      const all = (await kubectl("get", plurals, "-A", "-o", "name")).split("\n");
      expect(all.filter((name) => name.endsWith("/x"))).toHaveLength(10);
      const rows = await kubectl("get", "dr,vs,ra,se,telemetry,refgrant,rlp,grpcroute", "-n", "routes", "--no-headers");
      expect(
        rows
          .split("\n")
          .filter((line) => line !== "")
          .map((line) => line.replace(/ +\S+$/, "").replace(/ +/g, " ")),
      ).toEqual([
        "destinationrule.networking.istio.io/x web",
        'virtualservice.networking.istio.io/x ["web"]',
        "requestauthentication.security.istio.io/x",
        'serviceentry.networking.istio.io/x ["a.example"] MESH_EXTERNAL DNS',
        "telemetry.telemetry.istio.io/x",
        "referencegrant.gateway.networking.k8s.io/x",
        "ratelimitpolicy.towpath.dev/x Service/web 10/1s",
        "grpcroute.gateway.networking.k8s.io/x",
      ]);
      for (const version of ["v1beta1", "v1alpha3"]) {
        const old = await kubectl(
          "get",
          `virtualservices.${version}.networking.istio.io`,
          "x",
          "-n",
          "routes",
          "-o",
          "yaml",
        );
        expect(old).toContain(`apiVersion: networking.istio.io/${version}`);
      }
      expect(await kubectl("explain", "destinationrule.spec.trafficPolicy.outlierDetection")).toContain(
        "baseEjectionTime",
      );
      expect(await kubectl("explain", "ratelimitpolicy.spec.limits.per")).toContain("counted apart");
      expect(await kubectl("get", "towpath", "-n", "routes", "-o", "name")).toBe("ratelimitpolicy.towpath.dev/x");
      const share = '[{"op":"replace","path":"/spec/http/0/route/0/weight","value":90}]';
      expect(await kubectl("patch", "vs/x", "-n", "routes", "--type=json", "-p", share)).toContain("patched");
    });

    test("refuses what istiod refuses, in its words", async () => {
      const rule = "apiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {name: bad}\n";
      writeFileSync(join(directory, "dr.yaml"), `${rule}spec: {host: web, trafficPolicy: {connectionPool: {}}}\n`);
      expect(await kubectl("apply", "-f", "dr.yaml")).toContain(
        'admission webhook "validation.istio.io" denied the request: configuration is invalid: connection pool must have at least one field',
      );
      const old = "{host: web, trafficPolicy: {outlierDetection: {consecutiveErrors: 5}}}";
      writeFileSync(join(directory, "dr.yaml"), `${rule}spec: ${old}\n`);
      expect(await kubectl("apply", "-f", "dr.yaml")).toContain(
        "Warning: outlier detection consecutive errors is deprecated",
      );
    });

    test("makes a certificate's Secret, which needs both halves", async () => {
      const pair = ["cert", "key"].map(
        (half) => `--${half}=${join(server.home, "api", `serving.${half === "key" ? "key" : "crt"}`)}`,
      );
      expect(await kubectl("create", "secret", "tls", "cert", ...pair)).toBe("secret/cert created");
      expect(await kubectl("get", "secret", "cert", "-o", "jsonpath={.type}")).toBe("kubernetes.io/tls");
      const half = ["create", "secret", "generic", "half", "--type=kubernetes.io/tls", "--from-literal=tls.crt=a"];
      expect(await kubectl(...half)).toContain("data[tls.key]: Required value");
    });

    test("applies on the server: managers, conflicts, force, dry-run", async () => {
      const policy = (team: string) => {
        const text = `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: owned, namespace: default}\ndata: {team: ${team}}\n`;
        writeFileSync(join(directory, `${team}.yaml`), text);
        return ["apply", "--server-side", "--field-manager", team, "-f", `${team}.yaml`];
      };
      expect(await kubectl(...policy("one"))).toBe("configmap/owned serverside-applied");
      expect(await kubectl(...policy("two"))).toContain(
        'Apply failed with 1 conflict: conflict with "one": .data.team',
      );
      expect(await kubectl(...policy("two"), "--force-conflicts", "--dry-run=server")).toContain("(server dry run)");
      expect(await kubectl("get", "cm", "owned", "-o", "jsonpath={.data.team}")).toBe("one");
      expect(await kubectl(...policy("two"), "--force-conflicts")).toBe("configmap/owned serverside-applied");
      expect(await kubectl("get", "cm", "owned", "-o", "yaml", "--show-managed-fields")).toContain("manager: two");
    });

    test("refuses what is wrong with the field's path", async () => {
      writeFileSync(join(directory, "bad.yaml"), manifest.replace("replicas: 2", "replicas: 2\n  replica: 3"));
      expect(await kubectl("apply", "-f", "bad.yaml")).toContain('unknown field "spec.replica"');
      const rule = "spec: {rules: [{from: [{source: {principals: [a], notARealField: [b]}}]}]}";
      writeFileSync(
        join(directory, "worse.yaml"),
        `apiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata: {name: x}\n${rule}\n`,
      );
      expect(await kubectl("apply", "--server-side", "-f", "worse.yaml")).toContain("notARealField");
    });

    test("labels, annotates, patches, scales, restarts, diffs", async () => {
      const on = ["-n", "shop"];
      expect(await kubectl("label", ...on, "deploy/web", "tier=front")).toContain("labeled");
      expect(await kubectl("annotate", ...on, "deploy/web", "note=x")).toContain("annotated");
      expect(
        await kubectl(
          "patch",
          ...on,
          "deploy/web",
          "-p",
          '{"spec":{"template":{"spec":{"containers":[{"name":"web","env":[{"name":"A","value":"b"}]}]}}}}',
        ),
      ).toContain("patched");
      expect(
        await kubectl("patch", ...on, "httproute/web", "--type=merge", "-p", '{"spec":{"hostnames":["b.example"]}}'),
      ).toContain("patched");
      expect(
        await kubectl(
          "patch",
          ...on,
          "svc/web",
          "--type=json",
          "-p",
          '[{"op":"add","path":"/metadata/labels","value":{"a":"b"}}]',
        ),
      ).toContain("patched");
      expect(await kubectl("scale", ...on, "deploy/web", "--replicas=5")).toContain("scaled");
      expect(await kubectl("rollout", "restart", ...on, "deploy/web")).toContain("restarted");
      expect(
        await kubectl(
          "get",
          ...on,
          "deploy/web",
          "-o",
          "jsonpath={.spec.replicas} {.spec.template.spec.containers[0].env[0].value}",
        ),
      ).toBe("5 b");
      expect(await kubectl("diff", ...on, "-f", "all.yaml")).toContain("b.example");
    });

    test("makes objects of its own, which it sends as protobuf", async () => {
      expect(await kubectl("create", "namespace", "made")).toBe("namespace/made created");
      const inside = ["-n", "made"];
      expect(await kubectl("create", "sa", "robot", ...inside)).toContain("created");
      expect(await kubectl("create", "configmap", "c", "--from-literal=a=b", ...inside)).toContain("created");
      expect(await kubectl("create", "secret", "generic", "s", "--from-literal=a=b", ...inside)).toContain("created");
      expect(await kubectl("create", "deployment", "d", "--image=x", "--port=80", "--replicas=0", ...inside)).toContain(
        "created",
      );
      expect(await kubectl("create", "service", "clusterip", "d", "--tcp=80:8080", ...inside)).toContain("created");
      expect(
        await kubectl(
          "get",
          "deploy",
          "d",
          ...inside,
          "-o",
          "jsonpath={.spec.replicas} {.spec.template.spec.containers[0].ports}",
        ),
      ).toBe('0 [{"containerPort":80,"protocol":"TCP"}]');
      expect(await kubectl("get", "secret", "s", ...inside, "-o", "jsonpath={.data.a}")).toBe("Yg==");
      expect(await kubectl("create", "token", "robot", ...inside)).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+$/);
    });

    test("watches, waits and deletes", async () => {
      const watch = spawn("kubectl", [
        ...base(),
        "get",
        "cm",
        "-n",
        "default",
        "-w",
        "--output-watch-events",
        "--no-headers",
      ]);
      let seen = "";
      watch.stdout.on("data", (chunk: Buffer) => {
        seen += chunk.toString();
      });
      await expect.poll(() => seen, { timeout: 5_000 }).toContain("ADDED");
      await kubectl("create", "cm", "watched");
      await kubectl("label", "cm", "watched", "a=b");
      await kubectl("delete", "cm", "watched");
      await expect.poll(() => seen.match(/(ADDED|MODIFIED|DELETED) +watched/g)?.length, { timeout: 5_000 }).toBe(3);
      watch.kill();
      const waiting = kubectl(
        "wait",
        "-n",
        "shop",
        "--for=jsonpath={.metadata.labels.go}=yes",
        "svc/web",
        "--timeout=10s",
      );
      await kubectl("label", "-n", "shop", "svc/web", "go=yes");
      expect(await waiting).toContain("condition met");
      expect(await kubectl("delete", "-f", "all.yaml", "--timeout=20s")).toContain('namespace "shop" deleted');
      expect(await kubectl("get", "ns", "shop")).toContain('namespaces "shop" not found');
    });
  },
  60_000,
);

const manifest = `
apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {team: shop}}
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {selector: {app: web}, ports: [{name: http, port: 8080}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: "towpath/httpbin:v1"}]}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: deny-all, namespace: shop}
spec: {}
---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: default, namespace: shop}
spec: {mtls: {mode: STRICT}}
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: ingress, namespace: shop}
spec: {gatewayClassName: istio, listeners: [{name: http, port: 80, protocol: HTTP}]}
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: web, namespace: shop}
spec: {parentRefs: [{name: ingress}], hostnames: [a.example], rules: [{backendRefs: [{name: web, port: 8080}]}]}
`;

const routing = `
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: x, namespace: routes}
spec: {gatewayClassName: istio-waypoint, listeners: [{name: mesh, port: 15008, protocol: HBONE}]}
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: x, namespace: routes}
spec: {parentRefs: [{group: "", kind: Service, name: web}], rules: [{backendRefs: [{name: web, port: 80}]}]}
---
apiVersion: gateway.networking.k8s.io/v1
kind: GRPCRoute
metadata: {name: x, namespace: routes}
spec: {parentRefs: [{group: "", kind: Service, name: web}], rules: [{backendRefs: [{name: web, port: 80}]}]}
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: x, namespace: routes}
spec: {host: web, trafficPolicy: {outlierDetection: {consecutive5xxErrors: 5}}}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: x, namespace: routes}
spec: {hosts: [web], http: [{route: [{destination: {host: web}, weight: 100}]}]}
---
apiVersion: security.istio.io/v1
kind: RequestAuthentication
metadata: {name: x, namespace: routes}
spec: {targetRefs: [{kind: Service, name: web}], jwtRules: [{issuer: a, jwksUri: "https://a.example/jwks"}]}
---
apiVersion: towpath.dev/v1alpha1
kind: RateLimitPolicy
metadata: {name: x, namespace: routes}
spec: {targetRefs: [{kind: Service, name: web}], limits: [{requests: 10, interval: 1s}]}
---
apiVersion: telemetry.istio.io/v1
kind: Telemetry
metadata: {name: x, namespace: routes}
spec: {accessLogging: [{providers: [{name: filelog}]}]}
---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: x, namespace: routes}
spec: {hosts: [a.example], location: MESH_EXTERNAL, resolution: DNS, ports: [{number: 443, name: tls, protocol: TLS}]}
---
apiVersion: gateway.networking.k8s.io/v1beta1
kind: ReferenceGrant
metadata: {name: x, namespace: routes}
spec:
  from: [{group: gateway.networking.k8s.io, kind: HTTPRoute, namespace: other}]
  to: [{group: "", kind: Service}]
`;
