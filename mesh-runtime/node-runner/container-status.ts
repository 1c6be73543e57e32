import type { Ended } from "./container-record.ts";
import type { Container, ContainerState, ContainerStatus } from "./pod-types.ts";
import { timestamp } from "./timestamp.ts";

/** What is known of a container at one moment. */
export interface ContainerFacts {
  readonly spec: Pick<Container, "name" | "image">;
  readonly waiting: { readonly reason: string; readonly message?: string };
  readonly running: { readonly startedAt: Date; readonly id: string } | undefined;
  readonly ready: boolean;
  readonly started: boolean;
  readonly restartCount: number;
  readonly last: Ended | undefined;
  /** It will not be started again. */
  readonly finished: boolean;
}

/** The container's entry in `status.containerStatuses`. */
export function containerStatus(facts: ContainerFacts): ContainerStatus {
  const { spec, running, last, finished } = facts;
  const ended = last === undefined ? undefined : { terminated: terminated(last) };
  const state: ContainerState =
    running !== undefined
      ? { running: { startedAt: timestamp(running.startedAt) } }
      : finished && ended !== undefined
        ? ended
        : { waiting: facts.waiting };
  const image = spec.image ?? "";
  const id = running?.id ?? last?.id;
  return {
    name: spec.name,
    image,
    imageID: image === "" ? "" : `towpath://${image}`,
    ...(id !== undefined && { containerID: id }),
    ready: facts.ready,
    started: facts.started,
    restartCount: facts.restartCount,
    state,
    lastState: ended !== undefined && !(finished && running === undefined) ? ended : {},
  };
}

function terminated(last: Ended): NonNullable<ContainerState["terminated"]> {
  return {
    exitCode: last.code,
    ...(last.signal !== undefined && { signal: last.signal }),
    reason: !last.known ? "ContainerStatusUnknown" : last.code === 0 ? "Completed" : "Error",
    ...(!last.known && { message: "The process ended while the node runner was not its parent." }),
    startedAt: timestamp(last.startedAt),
    finishedAt: timestamp(last.finishedAt),
    containerID: last.id,
  };
}
