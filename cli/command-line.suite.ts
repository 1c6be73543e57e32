/** `npx towpath` as a process of its own, with an empty home. */
import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const program = fileURLToPath(new URL("towpath.mjs", import.meta.url));

export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly ended: Promise<Outcome>;
  /** Resolves when stdout has this. */
  said(text: string): Promise<void>;
}

export class CommandLine {
  readonly home: string;
  /** Everything that any command wrote. */
  readonly written: string[] = [];

  private constructor(home: string) {
    this.home = home;
  }

  static async open(): Promise<CommandLine> {
    return new CommandLine(await mkdtemp(join(tmpdir(), "towpath-cli-")));
  }

  close(): Promise<void> {
    return rm(this.home, { recursive: true, force: true });
  }

  run(args: readonly string[], env: Readonly<Record<string, string>> = {}, input = ""): Promise<Outcome> {
    return this.begin(args, env, input).ended;
  }

  begin(args: readonly string[], env: Readonly<Record<string, string>> = {}, input = ""): Running {
    const child = spawn(process.execPath, [program, ...args], {
      cwd: this.home,
      env: { NODE_ENV: "test", PATH: process.env["PATH"], HOME: this.home, ...env },
      stdio: ["pipe", "pipe", "pipe"],
    });
    let stdout = "";
    let stderr = "";
    const waiting = new Set<() => void>();
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
      for (const look of waiting) {
        look();
      }
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
    });
    // What reads no stdin closes it.
    child.stdin.on("error", () => undefined);
    child.stdin.end(input);
    const ended = new Promise<Outcome>((resolve, reject) => {
      child.on("error", reject);
      child.on("close", (code) => {
        this.written.push(stdout, stderr);
        resolve({ code, stdout, stderr });
      });
    });
    const said = (text: string): Promise<void> =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (stdout.includes(text)) {
            waiting.delete(look);
            resolve();
          }
        };
        waiting.add(look);
        void ended.then(() => reject(new Error(`ended without saying "${text}": ${stdout}${stderr}`)));
        look();
      });
    return { ended, said };
  }
}
