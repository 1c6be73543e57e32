import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import * as z from "zod";
import { containerRecord } from "./container-record.ts";
import { type ProcessFacts, sessionLeadersAtHome } from "./process-table.ts";

/** What must survive the node runner about one pod. */
const podRecord = z.object({
  uid: z.string(),
  name: z.string(),
  namespace: z.string(),
  podIP: z.ipv4(),
  /** Private port of 127.0.0.1 by container port. */
  appPorts: z.array(z.tuple([z.int(), z.int()])).max(64),
  /** What the agent was told last. */
  captured: z.boolean(),
  containers: z.record(z.string(), containerRecord),
});
export type PodRecord = z.output<typeof podRecord>;

/** The pods' directory of one node: `<uid>/{state.json,logs/,work/,tokens/}`, 0700. */
export interface PodRecords {
  directory(uid: string): string;
  /** HOME and working directory of the pod's processes. */
  work(uid: string): string;
  /** Processes that an earlier life started, by pod directory. */
  survivors(): ReadonlyMap<string, readonly ProcessFacts[]>;
  /** Every record that can be read; a broken one is skipped and its directory left for `remove`. */
  load(): { readonly records: readonly PodRecord[]; readonly broken: readonly string[] };
  save(record: PodRecord): void;
  remove(uid: string): void;
}

export function openPodRecords(root: string): PodRecords {
  mkdirSync(root, { recursive: true, mode: 0o700 });
  const directory = (uid: string): string => join(root, uid.replaceAll(/[^A-Za-z0-9-]/g, "_"));
  return {
    directory,
    work: (uid) => join(directory(uid), "work"),
    survivors() {
      const found = new Map<string, ProcessFacts[]>();
      for (const { home, leader } of sessionLeadersAtHome(root)) {
        const pod = relative(root, home).split(sep)[0] ?? "";
        found.set(pod, [...(found.get(pod) ?? []), leader]);
      }
      return found;
    },
    load() {
      const records: PodRecord[] = [];
      const broken: string[] = [];
      for (const name of readdirSync(root)) {
        try {
          records.push(podRecord.parse(JSON.parse(readFileSync(join(root, name, "state.json"), "utf8"))));
        } catch {
          broken.push(name);
        }
      }
      return { records, broken };
    },
    save(record) {
      const path = join(directory(record.uid), "state.json");
      writeFileSync(`${path}.new`, JSON.stringify(podRecord.encode(record)), { mode: 0o600 });
      renameSync(`${path}.new`, path);
    },
    remove(uid) {
      rmSync(directory(uid), { recursive: true, force: true });
    },
  };
}
