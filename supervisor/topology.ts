/** The nodes of the embedded mesh: two zones of one region, and a second region. `index` is the third octet of the node's addresses. */
export interface NodeTopology {
  readonly name: string;
  readonly index: number;
  readonly region: string;
  readonly zone: string;
}

export const nodes: readonly NodeTopology[] = [
  { name: "node-a", index: 1, region: "r1", zone: "r1-a" },
  { name: "node-b", index: 2, region: "r1", zone: "r1-b" },
  { name: "node-c", index: 3, region: "r2", zone: "r2-a" },
];

export const trustDomain = "cluster.local";
export const clusterId = "Kubernetes";
