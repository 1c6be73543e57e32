"use client";

import { endpoints } from "@/server/contracts/endpoints.ts";
import { type MeshState, meshState } from "@/server/contracts/mesh.ts";
import { queryKeys } from "../query/query-keys.ts";
import { usePortalQuery } from "../query/use-portal-query.ts";
import { duration, exact, plural } from "../ui/format.ts";
import { Page, PageHead } from "../ui/page.tsx";
import { LoadingLine, QueryFailure } from "../ui/query-states.tsx";
import { useNow } from "../ui/time-ago.tsx";
import { MeshCertificates } from "./mesh-certificates.tsx";
import { MeshGateways } from "./mesh-gateways.tsx";
import { MeshNamespaces, MeshNodes } from "./mesh-parts.tsx";
import { MeshProxies } from "./mesh-proxies.tsx";

/** The machinery: control plane, nodes, proxies, what they refused, certificates. */
export function MeshView() {
  const query = usePortalQuery(queryKeys.mesh, meshState, endpoints.mesh, 2000);
  const mesh = query.data;
  return (
    <Page>
      <PageHead title="Mesh" sub={mesh && `${mesh.target}, trust domain ${mesh.trustDomain}`} />
      {query.error && !mesh && <QueryFailure error={query.error} onRetry={() => void query.refetch()} />}
      {query.isPending && <LoadingLine>Asking control plane and proxies</LoadingLine>}
      {mesh && (
        <>
          <Strip mesh={mesh} />
          <MeshProxies proxies={mesh.proxies} />
          <MeshGateways gateways={mesh.gateways} />
          <MeshNodes nodes={mesh.nodes} />
          <MeshNamespaces namespaces={mesh.namespaces} />
          <MeshCertificates certificates={mesh.certificates} />
        </>
      )}
    </Page>
  );
}

const planeWords = { connected: "Connected", unreachable: "Does not answer", unknown: "Not known" };

function Strip({ mesh }: { readonly mesh: MeshState }) {
  const now = useNow();
  const inSync = mesh.proxies.filter((proxy) => proxy.state === "in-sync").length;
  const ending = mesh.certificates[0];
  const { controlPlane } = mesh;
  return (
    <div className="strip4">
      <div>
        <span className="cap">Control plane</span>
        <div
          className={controlPlane.state === "connected" ? "fig" : "fig c-warn"}
          style={{ fontSize: "var(--text-xl)" }}
        >
          {planeWords[controlPlane.state]}
        </div>
        <span className="cap">{controlPlane.text}</span>
      </div>
      <div>
        <span className="cap">Kubernetes API</span>
        <div className={controlPlane.apiConnected ? "fig" : "fig c-warn"} style={{ fontSize: "var(--text-xl)" }}>
          {controlPlane.apiConnected ? "Connected" : "Does not answer"}
        </div>
        <span className="cap">{controlPlane.kubernetesVersion}</span>
      </div>
      <div>
        <span className="cap">Proxies in sync</span>
        <div className={inSync === mesh.proxies.length ? "fig" : "fig c-warn"}>
          {inSync} of {mesh.proxies.length}
        </div>
        <span className="cap" suppressHydrationWarning>
          {mesh.newestUnixMs === 0
            ? "none reported yet"
            : `heard ${duration(Math.max(0, now - mesh.newestUnixMs))} ago`}
        </span>
      </div>
      <div>
        <span className="cap">Next certificate to end</span>
        <div className="fig" title={ending && exact(ending.notAfterUnixMs)} suppressHydrationWarning>
          {ending ? duration(Math.max(0, ending.notAfterUnixMs - now)) : "–"}
        </div>
        <span className="cap">{plural(mesh.certificates.length, "certificate")}, renewed at half life</span>
      </div>
    </div>
  );
}
