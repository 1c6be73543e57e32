/** The Kubernetes version whose behaviour this server follows; clients choose features by it. */
export const version = {
  major: "1",
  minor: "33",
  gitVersion: "v1.33.0+towpath",
  gitCommit: "",
  gitTreeState: "clean",
  buildDate: "1970-01-01T00:00:00Z",
  goVersion: "",
  compiler: "node",
  platform: `${process.platform}/${process.arch === "x64" ? "amd64" : process.arch}`,
} as const;
