/** nginx that answers with each request as it understood it; its access log is served at /__seen. */
import { spawn } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";

const folder = mkdtempSync(join(tmpdir(), "recorder-nginx-"));
const file = join(folder, "nginx.conf");
writeFileSync(
  file,
  `
daemon off;
master_process off;
pid ${folder}/pid;
error_log stderr error;
events { worker_connections 512; }
http {
  log_format seen '$request_method $request_uri $content_length';
  access_log ${folder}/seen seen;
  client_body_temp_path ${folder}/body;
  proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi;
  scgi_temp_path ${folder}/scgi;
  server {
    listen 127.0.0.1:${Number(process.env["PORT"])};
    location = /__seen { access_log off; alias ${folder}/seen; default_type text/plain; }
    location / { return 200 "$request_method $request_uri"; }
  }
}
`,
);
const nginx = spawn(process.env["NGINX"] ?? "nginx", ["-c", file, "-p", folder], { stdio: "inherit" });
nginx.on("exit", (code) => process.exit(code ?? 1));
for (const signal of ["SIGTERM", "SIGINT"] as const) {
  process.on(signal, () => nginx.kill("SIGTERM"));
}
