/**
 * Stands between supervisor and PostgreSQL, which does not notice when its parent dies: when stdin ends, the server
 * is shut down the fast way (SIGINT: roll back, write a checkpoint, end). Arguments: uid, gid (or `-`), binary, then
 * the server's own arguments.
 */
import { spawn } from "node:child_process";
import process from "node:process";

const [uid, gid, postgres, ...args] = process.argv.slice(2);
if (uid === undefined || gid === undefined || postgres === undefined) {
  throw new Error("usage: postgres-guard <uid|-> <gid|-> <postgres> <args…>");
}
const runAs = uid === "-" ? {} : { uid: Number(uid), gid: Number(gid) };
// A process group of its own: Ctrl-C in the terminal must not reach the server before its clients have ended.
const server = spawn(postgres, args, { ...runAs, stdio: ["ignore", "inherit", "inherit"], detached: true });

const shutDown = (): void => {
  server.kill("SIGINT");
};
process.stdin.on("end", shutDown);
process.stdin.on("error", shutDown);
process.stdin.resume();
process.on("SIGTERM", shutDown);
process.on("SIGINT", () => undefined);
server.on("error", (error) => {
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
});
server.on("exit", (code) => process.exit(code ?? 1));
