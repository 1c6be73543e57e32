"use client";

import type { EdgeDetails } from "@/server/contracts/traffic.ts";
import { CertificateLife } from "../../ui/certificate-life.tsx";
import { SpiffeId } from "../../ui/spiffe-id.tsx";
import { PanelSection } from "./panel-frame.tsx";

type Tls = NonNullable<EdgeDetails["tls"]>;

const TlsWords = ({ tls }: { readonly tls: Tls }) => (
  <>
    {tls.version.replace(/^TLSv/, "TLS ")} <span className="id t2">{tls.cipher}</span>
  </>
);

/** Who speaks to whom, and how it is proven; with a waypoint in between there are two handshakes. */
export function IdentitySection({ details }: { readonly details: EdgeDetails }) {
  const { source, destination, tls, edge, waypoint, waypointPeer, waypointTls } = details;
  const certificates = [
    { whose: "caller", certificate: source.certificate },
    { whose: "waypoint", certificate: waypointPeer?.certificate ?? null },
    { whose: "called", certificate: destination.certificate },
  ].flatMap(({ whose, certificate }) => (certificate === null ? [] : [{ whose, certificate }]));
  return (
    <PanelSection first>
      <dl className="kv">
        <dt>Caller</dt>
        <dd data-testid="caller-identity">
          <SpiffeId stacked id={source.spiffeId ?? ""} />
        </dd>
        {waypoint !== "" && (
          <>
            <dt>Handshake</dt>
            <dd data-testid="first-tls">{tls ? <TlsWords tls={tls} /> : <Unproven share={edge.mtlsShare} />}</dd>
            <dt>Waypoint</dt>
            <dd data-testid="waypoint-identity">
              {waypointPeer?.spiffeId ? (
                <SpiffeId stacked id={waypointPeer.spiffeId} />
              ) : (
                <>
                  {waypoint} <span className="t3">no handshake seen in this window</span>
                </>
              )}
            </dd>
            <dt>Handshake</dt>
            <dd data-testid="second-tls">
              {waypointTls ? <TlsWords tls={waypointTls} /> : <span className="t3">not seen in this window</span>}
            </dd>
          </>
        )}
        <dt>Called</dt>
        <dd data-testid="called-identity">
          <SpiffeId stacked id={destination.spiffeId ?? ""} />
        </dd>
        {waypoint === "" && (
          <>
            <dt>Connection</dt>
            <dd data-testid="tls">{tls ? <TlsWords tls={tls} /> : <Unproven share={edge.mtlsShare} />}</dd>
          </>
        )}
        {certificates.length > 0 && (
          <>
            <dt>Certificates</dt>
            <dd className="stack" data-testid="certificates">
              {certificates.map(({ whose, certificate }) => (
                <CertificateLife key={whose} certificate={certificate} whose={whose} />
              ))}
            </dd>
          </>
        )}
      </dl>
    </PanelSection>
  );
}

const Unproven = ({ share }: { readonly share: number | null }) =>
  share === null ? (
    <span className="t3">not known in this window</span>
  ) : (
    <span className="c-warn">plain text, nothing is proven</span>
  );
