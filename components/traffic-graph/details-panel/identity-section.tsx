"use client";

import type { EdgeDetails } from "@/server/contracts/traffic.ts";
import { CertificateLife } from "../../ui/certificate-life.tsx";
import { SpiffeId } from "../../ui/spiffe-id.tsx";
import { PanelSection } from "./panel-frame.tsx";

/** Who speaks to whom, and how it is proven. */
export function IdentitySection({ details }: { readonly details: EdgeDetails }) {
  const { source, destination, tls, edge } = details;
  return (
    <PanelSection first>
      <dl className="kv">
        <dt>Caller</dt>
        <dd data-testid="caller-identity">
          <SpiffeId stacked id={source.spiffeId ?? ""} />
        </dd>
        <dt>Called</dt>
        <dd data-testid="called-identity">
          <SpiffeId stacked id={destination.spiffeId ?? ""} />
        </dd>
        <dt>Connection</dt>
        <dd data-testid="tls">
          {tls ? (
            <>
              {tls.version.replace(/^TLSv/, "TLS ")} <span className="id t2">{tls.cipher}</span>
            </>
          ) : edge.mtlsShare === null ? (
            <span className="t3">not known in this window</span>
          ) : (
            <span className="c-warn">plain text, nothing is proven</span>
          )}
        </dd>
        {(source.certificate || destination.certificate) && (
          <>
            <dt>Certificates</dt>
            <dd className="stack" data-testid="certificates">
              {source.certificate && <CertificateLife certificate={source.certificate} whose="caller" />}
              {destination.certificate && <CertificateLife certificate={destination.certificate} whose="called" />}
            </dd>
          </>
        )}
      </dl>
    </PanelSection>
  );
}
