/** Names for the parts of a Pod that the node runner handles. */

import type { Probe } from "../api/pod/container.ts";
import type { Pod } from "../api/pod.ts";

export type { Container, ContainerPort, EnvVar, Probe } from "../api/pod/container.ts";
export type { ContainerState, ContainerStatus, PodStatus } from "../api/pod/status.ts";
export type { Pod } from "../api/pod.ts";

/** What a probe does, without its limits. */
export type ProbeHandler = Pick<Probe, "httpGet" | "tcpSocket" | "exec">;
/** One condition in a pod's status. */
export type PodCondition = NonNullable<NonNullable<Pod["status"]>["conditions"]>[number];
