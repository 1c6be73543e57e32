/** How far a path is normalized before it is judged and sent on (MeshConfig `pathNormalization`, Istio's names). */
export type PathNormalization = "NONE" | "BASE" | "MERGE_SLASHES" | "DECODE_AND_MERGE_SLASHES";
