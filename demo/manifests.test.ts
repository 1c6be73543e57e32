import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { parseAllDocuments, parseDocument } from "yaml";
import { builtInImages } from "../mesh-runtime/node-runner/images.ts";

const folder = fileURLToPath(new URL("manifests/", import.meta.url));

interface Manifest {
  kind: string;
  metadata: { name: string; namespace?: string; labels?: Record<string, string> };
  spec?: {
    replicas?: number;
    selector?: Record<string, string> & { matchLabels?: Record<string, string> };
    ports?: { port: number }[];
    template?: {
      metadata: { labels: Record<string, string> };
      spec: { serviceAccountName: string; containers: { image: string }[] };
    };
  };
}

const objects = readdirSync(folder).flatMap((file) =>
  parseAllDocuments(readFileSync(folder + file, "utf8")).map((document) => document.toJS() as Manifest),
);
const named = (kind: string) =>
  objects.filter((one) => one.kind === kind).map(({ metadata }) => `${metadata.namespace ?? ""}/${metadata.name}`);

test("the cast is complete", () => {
  expect(named("Namespace").sort()).toEqual([
    "/default",
    "/istio-ingress",
    "/purchase-history",
    "/recommendation",
    "/web-api",
  ]);
  expect(named("Deployment").sort()).toEqual([
    "default/httpbin",
    "default/sleep",
    "purchase-history/purchase-history-v1",
    "purchase-history/purchase-history-v2",
    "recommendation/recommendation",
    "web-api/web-api",
  ]);
  const ports = objects
    .filter(({ kind }) => kind === "Service")
    .map(({ metadata, spec }) => `${metadata.name}:${spec?.ports?.[0]?.port}`);
  expect(ports.sort()).toEqual([
    "httpbin:8000",
    "purchase-history:8080",
    "recommendation:8080",
    "sleep:80",
    "web-api:8080",
  ]);
  expect(named("Gateway")).toEqual(["istio-ingress/ingress"]);
  expect(named("HTTPRoute")).toEqual(["web-api/web-api-ingress"]);
});

test("every Deployment selects its own pods, which have app, version and an account that exists", () => {
  const accounts = named("ServiceAccount");
  for (const { metadata, spec } of objects.filter(({ kind }) => kind === "Deployment")) {
    const labels = spec?.template?.metadata.labels ?? {};
    expect(labels).toMatchObject(spec?.selector?.matchLabels ?? { none: "none" });
    expect(Object.keys(labels)).toEqual(["app", "version"]);
    expect(accounts).toContain(`${metadata.namespace}/${spec?.template?.spec.serviceAccountName}`);
    expect(spec?.replicas).toBe(1);
  }
});

test("every Service has pods behind it", () => {
  const templates = objects.filter(({ kind }) => kind === "Deployment");
  for (const { metadata, spec } of objects.filter(({ kind }) => kind === "Service")) {
    const behind = templates.filter(
      (one) =>
        one.metadata.namespace === metadata.namespace &&
        one.spec?.template?.metadata.labels["app"] === (spec?.selector as { app?: string } | undefined)?.app,
    );
    expect(behind.length, metadata.name).toBeGreaterThan(0);
  }
});

test("what goes wrong differs from the healthy Deployment of its name by nothing but a built-in image", () => {
  const wrong = readdirSync(new URL(".", import.meta.url)).filter((file) => file.endsWith(".yaml"));
  expect(wrong.length).toBeGreaterThan(5);
  const images = builtInImages({ node: "node", root: "/" });
  const withoutImage = (manifest: Manifest | undefined): unknown =>
    JSON.parse(JSON.stringify(manifest ?? {}, (key, value: unknown) => (key === "image" ? "" : value)));
  for (const file of wrong) {
    const manifest = parseDocument(readFileSync(new URL(file, import.meta.url), "utf8")).toJS() as Manifest;
    const healthy = objects.find(
      ({ kind, metadata }) => kind === "Deployment" && metadata.name === manifest.metadata.name,
    );
    expect(withoutImage(manifest), file).toEqual(withoutImage(healthy));
    expect(images.has(manifest.spec?.template?.spec.containers[0]?.image ?? ""), file).toBe(true);
  }
});
