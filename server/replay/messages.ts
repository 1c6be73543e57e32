/** What the portal and the thread that replays traffic say to each other. All of it is plain data. */
import type { Impact } from "@/server/contracts/golden-paths.ts";
import type { WrittenObject } from "@/server/impact/objects-after.ts";
import type { SeenShape } from "@/server/impact/request-kinds.ts";
import type { ClusterObjects } from "@/server/inventory/cluster-objects.ts";
import type { NameIdentity } from "@/server/telemetry/records.ts";

/** What the thread is started with. */
export interface ThreadData {
  readonly databaseUrl: string;
  readonly trustDomain: string;
}

/** Counts as columns; `ids` stand for identities, of which each is told once. */
export interface FedCounts<I> {
  /** Numbers begin anew: what was told before is not meant any more. */
  readonly anew: boolean;
  /** Identities of the next numbers. */
  readonly fresh: readonly I[];
  readonly ids: Uint32Array;
  readonly counts: Float64Array;
  readonly lastUnixMs: Float64Array;
  readonly timesMs: Float64Array;
}

/** Some objects of one kind. */
export interface FedObjects {
  readonly list: keyof ClusterObjects;
  readonly added: readonly (readonly [id: number, object: object])[];
  /** The whole list in its order, once everything in it was told. */
  readonly order?: Uint32Array;
}

export type Told =
  | { readonly kind: "shapes"; readonly fed: FedCounts<SeenShape> }
  | { readonly kind: "names"; readonly fed: FedCounts<NameIdentity> }
  | { readonly kind: "objects"; readonly fed: FedObjects };

/** What would a change do to the traffic of a window? */
export interface Question {
  readonly steps: readonly AskedStep[];
  readonly windowSeconds: number;
  readonly nowMs: number;
  readonly notes: readonly string[];
}

export interface AskedStep extends WrittenObject {
  /** Whether it is another object afterwards. */
  readonly changes: boolean;
}

export type ToThread =
  | Told
  | { readonly kind: "question"; readonly id: number; readonly question: Question }
  /** Are you alive? Asked halfway to the end of an answer's time. */
  | { readonly kind: "ping"; readonly id: number };

/** `database`: what was observed earlier could not be read. `calculation`: a fault. */
export type Problem = "database" | "calculation";

export type FromThread =
  | { readonly pong: number }
  | { readonly id: number; readonly impact: Impact }
  | { readonly id: number; readonly problem: Problem; readonly message: string };
