/** Volumes of a pod. Kinds of storage that need a real cluster are taken as they are. */
import type * as z from "zod";
import { anything, bool, int32, int64, list, quantity, str, struct, word } from "../schema/builders.ts";
import { fieldRef, resourceFieldRef } from "./container.ts";

const keyToPath = list(struct("v1.KeyToPath", { key: str(), path: str() }, { mode: int32() }));
const downwardItems = list(
  struct("v1.DownwardAPIVolumeFile", { path: str() }, { fieldRef, resourceFieldRef, mode: int32() }),
);

const projection = struct(
  "v1.VolumeProjection",
  {},
  {
    secret: struct("v1.SecretProjection", {}, { name: str(), items: keyToPath, optional: bool() }),
    configMap: struct("v1.ConfigMapProjection", {}, { name: str(), items: keyToPath, optional: bool() }),
    downwardAPI: struct("v1.DownwardAPIProjection", {}, { items: downwardItems }),
    serviceAccountToken: struct(
      "v1.ServiceAccountTokenProjection",
      { path: str() },
      { audience: str(), expirationSeconds: int64() },
    ),
    clusterTrustBundle: anything(),
  },
);

/** Kinds of storage that are not looked into. */
const storage = {
  awsElasticBlockStore: anything(),
  azureDisk: anything(),
  azureFile: anything(),
  cephfs: anything(),
  cinder: anything(),
  csi: anything(),
  ephemeral: anything(),
  fc: anything(),
  flexVolume: anything(),
  flocker: anything(),
  gcePersistentDisk: anything(),
  gitRepo: anything(),
  glusterfs: anything(),
  iscsi: anything(),
  nfs: anything(),
  photonPersistentDisk: anything(),
  portworxVolume: anything(),
  quobyte: anything(),
  rbd: anything(),
  scaleIO: anything(),
  storageos: anything(),
  vsphereVolume: anything(),
};

export const volume = struct(
  "v1.Volume",
  { name: str().describe("A DNS label, unique within the pod.") },
  {
    emptyDir: struct(
      "v1.EmptyDirVolumeSource",
      {},
      { medium: str({ goType: "v1.StorageMedium" }), sizeLimit: quantity() },
    ),
    hostPath: struct("v1.HostPathVolumeSource", { path: str() }, { type: str({ goType: "v1.HostPathType" }) }),
    configMap: struct(
      "v1.ConfigMapVolumeSource",
      {},
      { name: str(), items: keyToPath, defaultMode: int32(), optional: bool() },
    ),
    secret: struct(
      "v1.SecretVolumeSource",
      {},
      { secretName: str(), items: keyToPath, defaultMode: int32(), optional: bool() },
    ),
    downwardAPI: struct("v1.DownwardAPIVolumeSource", {}, { items: downwardItems, defaultMode: int32() }),
    projected: struct("v1.ProjectedVolumeSource", {}, { sources: list(projection), defaultMode: int32() }),
    persistentVolumeClaim: struct("v1.PersistentVolumeClaimVolumeSource", { claimName: str() }, { readOnly: bool() }),
    image: struct(
      "v1.ImageVolumeSource",
      {},
      { reference: str(), pullPolicy: word(["Always", "IfNotPresent", "Never"], { goType: "v1.PullPolicy" }) },
    ),
    ...storage,
  },
);

export type Volume = z.infer<typeof volume>;
