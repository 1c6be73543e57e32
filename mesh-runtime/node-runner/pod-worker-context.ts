import type { Log } from "../common/log.ts";
import type { KubeClient } from "../kube-client/client.ts";
import type { EventRecorder } from "../kube-client/event-recorder.ts";
import type { AgentLink } from "./agent-link.ts";
import type { Image } from "./images.ts";
import type { PodRecords } from "./pod-record.ts";
import type { Pod } from "./pod-types.ts";
import type { MeshFacts } from "./proxy-environment.ts";
import type { RestartBackOff } from "./restart-policy.ts";

/** What every pod of a node shares. */
export interface PodWorkerContext {
  readonly node: string;
  /** Address of the node. */
  readonly hostIP: string;
  /** PATH of the pods' processes. */
  readonly path: string;
  /** Directory of compiled code that Node programs share. */
  readonly compileCache: string;
  readonly images: ReadonlyMap<string, Image>;
  readonly mesh: MeshFacts;
  readonly backOff: RestartBackOff;
  readonly records: PodRecords;
  readonly agent: Pick<AgentLink, "put" | "remove">;
  readonly client: Pick<KubeClient, "patch" | "createToken">;
  readonly log: Log;
  readonly events: EventRecorder;
  readonly namespaceLabels: (namespace: string) => Readonly<Record<string, string>> | undefined;
  /** Sets or removes the sign that the pod is captured. */
  readonly annotate: (pod: Pod, captured: boolean) => Promise<void>;
}
