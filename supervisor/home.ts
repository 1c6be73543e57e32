import { createHash, randomBytes } from "node:crypto";
import { chmod, mkdir, open, readFile, rename, rm } from "node:fs/promises";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import * as z from "zod";
import { SupervisorError } from "./errors.ts";

const stored = z.object({
  version: z.literal(1),
  /** Second octet of the mesh's addresses, see `mesh-runtime/common/address-block.ts`. */
  block: z.int().min(16).max(250),
  /** Port of the Kubernetes API on 127.0.0.1; kept, so that kubeconfigs stay valid. */
  apiPort: z.int().min(1).max(65_535),
  /** The demo company was applied; what people changed or deleted since is theirs. */
  demoApplied: z.boolean(),
});
export type HomeState = z.infer<typeof stored>;

/** The folder that holds all state of one Towpath, and where things are in it. */
export class Home {
  readonly path: string;
  /** Short folder for Unix sockets, whose paths may not exceed 107 bytes. */
  readonly run: string;

  constructor(path: string) {
    this.path = path;
    const inHome = join(path, "run");
    const name = createHash("sha256").update(path).digest("hex").slice(0, 12);
    this.run = inHome.length <= 60 ? inHome : join(tmpdir(), `towpath-${userInfo().uid}-${name}`);
  }

  at(...parts: readonly string[]): string {
    return join(this.path, ...parts);
  }

  get kubeconfig(): string {
    return this.at("kubeconfig");
  }

  credentials(component: string): string {
    return this.at("credentials", `${component}.kubeconfig`);
  }

  /** Makes the folders, readable by nobody else. */
  async prepare(): Promise<void> {
    for (const folder of [this.path, this.run, this.at("logs"), this.at("credentials"), this.at("nodes")]) {
      await mkdir(folder, { recursive: true, mode: 0o700 });
    }
    // The database's own user must be able to pass through to its data; nobody may list.
    await chmod(this.path, 0o711);
    await chmod(this.run, 0o711);
  }

  /** What was decided at earlier starts; `undefined` at the first. */
  async load(): Promise<HomeState | undefined> {
    let text: string;
    try {
      text = await readFile(this.at("config.json"), "utf8");
    } catch {
      return undefined;
    }
    return stored.parse(JSON.parse(text));
  }

  /** Replaces `config.json` atomically and durably. */
  async save(state: HomeState): Promise<void> {
    const temporary = this.at(`config.json.${randomBytes(6).toString("hex")}`);
    const file = await open(temporary, "wx", 0o600);
    try {
      await file.writeFile(`${JSON.stringify(state, null, 2)}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, this.at("config.json"));
  }

  /** Deletes all state. Refuses a folder that Towpath did not make. */
  async reset(): Promise<void> {
    if ((await this.load().catch(() => undefined)) === undefined) {
      const empty = await rm(this.path, { recursive: false }).then(
        () => true,
        (error: NodeJS.ErrnoException) => error.code === "ENOENT",
      );
      if (empty) {
        return;
      }
      const { readdir, rmdir } = await import("node:fs/promises");
      if ((await readdir(this.path)).length === 0) {
        await rmdir(this.path);
        return;
      }
      throw new SupervisorError(
        "home-not-ours",
        `${this.path} is not a folder that Towpath made`,
        "Check TOWPATH_HOME; nothing was deleted.",
      );
    }
    await rm(this.path, { recursive: true, force: true, maxRetries: 3 });
    await rm(this.run, { recursive: true, force: true });
  }
}
