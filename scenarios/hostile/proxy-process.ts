import { readdir, readFile } from "node:fs/promises";

/** The proxy of a pod. */
export async function pidOf(address: string): Promise<number> {
  for (const pid of (await readdir("/proc")).filter((name) => /^\d+$/.test(name))) {
    const command = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
    if (command.includes("mesh-runtime/proxy/start.mjs")) {
      const environment = await readFile(`/proc/${pid}/environ`, "utf8").catch(() => "");
      if (environment.includes(`POD_IP=${address}\0`)) {
        return Number(pid);
      }
    }
  }
  throw new Error(`no proxy has the address ${address}`);
}

/** Most that a process had, in MiB. */
export async function memoryOf(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  return Math.round(Number(/^VmHWM:\s+(\d+)/m.exec(status)?.[1] ?? Number.NaN) / 1_024);
}
