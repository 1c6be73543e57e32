"use client";

import { Lock } from "lucide-react";
import type { ServiceDetails } from "@/server/contracts/services.ts";
import { CertificateLife } from "../ui/certificate-life.tsx";
import { CopyButton } from "../ui/copy-button.tsx";
import { Section } from "../ui/page.tsx";
import { ScrollX } from "../ui/scroll-x.tsx";
import { SpiffeId } from "../ui/spiffe-id.tsx";
import { TimeAgo } from "../ui/time-ago.tsx";

/** What runs behind a service, and how it proves who it is. */
export function ServicePods({ details }: { readonly details: ServiceDetails }) {
  const versions = details.summary.versions.map((version) => version.version);
  return (
    <>
      <ScrollX label="Pods">
        <table className="table" style={{ "--pad-x": "var(--page-x)" } as React.CSSProperties}>
          <thead>
            <tr>
              <th scope="col">Pod</th>
              <th scope="col">Version</th>
              <th scope="col">State</th>
              <th scope="col">Node</th>
              <th scope="col">Address</th>
              <th scope="col">In the mesh</th>
              <th scope="col" className="num">
                Restarts
              </th>
              <th scope="col" className="num">
                Age
              </th>
            </tr>
          </thead>
          <tbody>
            {details.podList.map((pod) => (
              <tr key={pod.name}>
                <td className="mono">{pod.name}</td>
                <td>
                  <span className={versions.indexOf(pod.version) > 0 ? "ver is-canary" : "ver"}>
                    {pod.version === "" ? "none" : pod.version}
                  </span>
                </td>
                <td>
                  <span className="row" style={{ gap: 6 }}>
                    <span className={pod.ready ? "dot is-ok" : "dot is-warn"} aria-hidden="true" />
                    {pod.ready ? "Ready" : pod.phase}
                  </span>
                </td>
                <td className="t2">
                  {pod.node} <span className="t3">{pod.zone}</span>
                </td>
                <td className="mono t2">{pod.ip}</td>
                <td>
                  {pod.captured ? (
                    <span className="lock">
                      <Lock className="ic" aria-hidden="true" />
                      captured
                    </span>
                  ) : (
                    <span className="t3">no</span>
                  )}
                </td>
                <td className={pod.restarts > 0 ? "num c-warn" : "num t3"}>{pod.restarts}</td>
                <td className="num t2">
                  <TimeAgo at={pod.startedUnixMs} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </ScrollX>
      {details.podList.length === 0 && (
        <p className="cap" style={{ padding: "12px var(--page-x)" }}>
          No pod runs behind it.
        </p>
      )}
      <Section
        className="block"
        title="Identity"
        sub="by service account; certificates live an hour and are renewed at half"
      >
        {details.identities.map((identity) => (
          <div key={identity.spiffeId} className="line" style={{ alignItems: "flex-start" }}>
            <span className="grow">
              <SpiffeId id={identity.spiffeId} />
              <CopyButton text={identity.spiffeId} />
            </span>
            <span style={{ width: 300 }} className="sm">
              {identity.certificates.length === 0 ? (
                <span className="cap">No certificate seen: its pods are not in the mesh.</span>
              ) : (
                identity.certificates.map((certificate) => (
                  <CertificateLife key={certificate.serial} certificate={certificate} whose="certificate" />
                ))
              )}
            </span>
          </div>
        ))}
      </Section>
      <Section className="block" title="Addresses">
        <dl className="kv">
          <dt>Names</dt>
          <dd className="id">{details.hostnames.join(", ")}</dd>
          <dt>Ports</dt>
          <dd>
            {details.ports
              .map((port) =>
                `${port.port}${port.targetPort === port.port ? "" : ` (pod ${port.targetPort})`} ${port.name}`.trim(),
              )
              .join(", ")}
          </dd>
        </dl>
      </Section>
    </>
  );
}
