import type { Log } from "../common/log.ts";
import type { KubeClient } from "../kube-client/client.ts";
import type { EventRecorder } from "../kube-client/event-recorder.ts";
import type { World } from "./world.ts";

/** What every controller works with. */
export interface ControllerContext {
  readonly client: KubeClient;
  readonly world: World;
  readonly log: Log;
  readonly events: EventRecorder;
}
