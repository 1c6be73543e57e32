import { spawn } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { cpuMicroseconds } from "../process-cost.ts";
import { markdownTable } from "../table.ts";
import { ended, firstLine, freePort, startProgram } from "./processes.ts";
import { findInstalled, haproxyConfig, nginxConfig } from "./rivals.ts";

/** nginx and haproxy as plain HTTP proxies, for scale: no TLS, no policy. */
export async function plainProxies(folder: string, note: (text: string) => void): Promise<string> {
  const nginx = findInstalled("/usr/sbin/nginx", "/usr/bin/nginx");
  const haproxy = findInstalled("/usr/sbin/haproxy", "/usr/bin/haproxy");
  const echo = startProgram("echo-server.ts");
  const { port: upstream } = await firstLine<{ port: number }>(echo);
  const rows: (string | number)[][] = [["proxy", "connections", "CPU µs per request"]];
  const run = async (
    name: string,
    binary: string,
    args: (port: number) => Promise<readonly string[]>,
  ): Promise<void> => {
    const port = await freePort();
    const child = spawn(binary, await args(port), { stdio: "ignore" });
    const url = `http://127.0.0.1:${port}/`;
    const deadline = performance.now() + 10_000;
    while (
      !(await fetch(url).then(
        ({ ok }) => ok,
        () => false,
      )) &&
      performance.now() < deadline
    ) {
      await new Promise(setImmediate);
    }
    const before = cpuMicroseconds(child.pid ?? 0);
    const load = ["--url", url, "--rate", "0", "--connections", "32", "--seconds", "5"];
    const { requests } = await firstLine<{ readonly requests: number }>(startProgram("load-client.ts", ...load));
    rows.push([name, 32, ((cpuMicroseconds(child.pid ?? 0) - before) / requests).toFixed(1)]);
    note(rows.at(-1)?.join("  ") ?? "");
    await ended(child);
  };
  try {
    if (nginx !== undefined) {
      await run("nginx, plain HTTP", nginx, async (port) => {
        await writeFile(join(folder, "nginx.conf"), nginxConfig(folder, port, upstream));
        return ["-c", join(folder, "nginx.conf"), "-p", folder];
      });
    }
    if (haproxy !== undefined) {
      await run("haproxy, plain HTTP", haproxy, async (port) => {
        await writeFile(join(folder, "haproxy.cfg"), haproxyConfig(port, upstream));
        return ["-f", join(folder, "haproxy.cfg")];
      });
    }
  } finally {
    await ended(echo);
  }
  return rows.length === 1
    ? ""
    : `For scale, plain HTTP/1.1 proxies without TLS or policy:\n\n${markdownTable(rows)}\n`;
}
