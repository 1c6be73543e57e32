import type { Workload } from "../xds/model.ts";

/** Which workloads serve which service, so that a change of one pod is not a walk over all. */
export class ServiceMembers {
  readonly #byService = new Map<string, Map<string, Workload>>();

  /** In the order in which they came. */
  of(service: string): Iterable<Workload> {
    return this.#byService.get(service)?.values() ?? [];
  }

  add(workload: Workload, touched: Set<string>): void {
    for (const service of Object.keys(workload.services)) {
      touched.add(service);
      const members = this.#byService.get(service);
      if (members === undefined) {
        this.#byService.set(service, new Map([[workload.uid, workload]]));
      } else {
        members.set(workload.uid, workload);
      }
    }
  }

  remove(workload: Workload, touched: Set<string>): void {
    for (const service of Object.keys(workload.services)) {
      touched.add(service);
      const members = this.#byService.get(service);
      members?.delete(workload.uid);
      if (members?.size === 0) {
        this.#byService.delete(service);
      }
    }
  }
}
