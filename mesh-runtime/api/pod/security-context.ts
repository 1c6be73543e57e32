/** Security contexts of pods and containers. */
import { bool, int64, list, str, struct } from "../schema/builders.ts";

const seLinuxOptions = struct("v1.SELinuxOptions", {}, { user: str(), role: str(), type: str(), level: str() });
const profile = (goType: string) => struct(goType, { type: str() }, { localhostProfile: str() });
const windowsOptions = struct(
  "v1.WindowsSecurityContextOptions",
  {},
  { gmsaCredentialSpecName: str(), gmsaCredentialSpec: str(), runAsUserName: str(), hostProcess: bool() },
);

const shared = {
  seLinuxOptions,
  windowsOptions,
  runAsUser: int64(),
  runAsGroup: int64(),
  runAsNonRoot: bool(),
  seccompProfile: profile("v1.SeccompProfile"),
  appArmorProfile: profile("v1.AppArmorProfile"),
};

export const securityContext = struct(
  "v1.SecurityContext",
  {},
  {
    ...shared,
    capabilities: struct(
      "v1.Capabilities",
      {},
      { add: list(str({ goType: "v1.Capability" })), drop: list(str({ goType: "v1.Capability" })) },
    ),
    privileged: bool(),
    readOnlyRootFilesystem: bool(),
    allowPrivilegeEscalation: bool(),
    procMount: str(),
  },
);

export const podSecurityContext = struct(
  "v1.PodSecurityContext",
  {},
  {
    ...shared,
    supplementalGroups: list(int64()),
    supplementalGroupsPolicy: str(),
    fsGroup: int64(),
    fsGroupChangePolicy: str(),
    sysctls: list(struct("v1.Sysctl", { name: str(), value: str() }, {})),
    seLinuxChangePolicy: str(),
  },
);
