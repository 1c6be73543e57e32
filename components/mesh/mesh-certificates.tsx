"use client";

import type { MeshState } from "@/server/contracts/mesh.ts";
import { duration, exact } from "../ui/format.ts";
import { ScrollX } from "../ui/scroll-x.tsx";
import { SpiffeId } from "../ui/spiffe-id.tsx";
import { useNow } from "../ui/time-ago.tsx";

/** Certificates in use, ending first. */
export function MeshCertificates({ certificates }: { readonly certificates: MeshState["certificates"] }) {
  const now = useNow();
  return (
    <section aria-label="Certificates">
      <div className="section-head" style={{ padding: "16px var(--page-x) 2px" }}>
        <h2>Certificates</h2>
        <span className="sub">ending first</span>
      </div>
      {certificates.length === 0 ? (
        <p className="cap" style={{ padding: "2px var(--page-x) 20px" }}>
          None yet: they are issued when the first pod joins the mesh.
        </p>
      ) : (
        <ScrollX label="Certificates">
          <table className="table" style={{ "--pad-x": "var(--page-x)" } as React.CSSProperties}>
            <thead>
              <tr>
                <th scope="col">Identity</th>
                <th scope="col">Held by</th>
                <th scope="col">Serial</th>
                <th scope="col" className="num">
                  Ends in
                </th>
                <th scope="col" style={{ width: 140 }}>
                  Life
                </th>
              </tr>
            </thead>
            <tbody>
              {certificates.map((certificate) => {
                const whole = Math.max(1, certificate.notAfterUnixMs - certificate.notBeforeUnixMs);
                const left = certificate.notAfterUnixMs - now;
                const part = Math.min(1, Math.max(0, left / whole));
                return (
                  <tr key={`${certificate.proxy} ${certificate.serial}`}>
                    <td>
                      <SpiffeId id={certificate.identity} />
                    </td>
                    <td className="mono t2">{certificate.proxy}</td>
                    <td className="mono t3" title={certificate.serial}>
                      {certificate.serial.slice(0, 16)}
                    </td>
                    <td
                      className={part < 0.2 ? "num c-warn" : "num"}
                      title={exact(certificate.notAfterUnixMs)}
                      suppressHydrationWarning
                    >
                      {left > 0 ? duration(left) : "ended"}
                    </td>
                    <td>
                      <span
                        className={part < 0.2 ? "life is-late" : "life"}
                        role="img"
                        aria-label={`${Math.round(part * 100)} per cent left`}
                      >
                        <i style={{ width: `${part * 100}%` }} />
                        <b />
                      </span>
                    </td>
                  </tr>
                );
              })}
            </tbody>
          </table>
        </ScrollX>
      )}
    </section>
  );
}
