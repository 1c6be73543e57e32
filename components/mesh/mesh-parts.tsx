"use client";

import type { ReactNode } from "react";
import type { MeshState } from "@/server/contracts/mesh.ts";
import { prefilledHref } from "../query/prefilled-href.ts";
import { AppLink } from "../ui/app-link.tsx";
import { plural } from "../ui/format.ts";
import { ScrollX } from "../ui/scroll-x.tsx";

interface PartProps {
  readonly title: string;
  readonly heads: readonly string[];
  readonly none: string;
  readonly empty: boolean;
  readonly children: ReactNode;
}

function Part({ title, heads, none, empty, children }: PartProps) {
  return (
    <section aria-label={title}>
      <div className="section-head" style={{ padding: "16px var(--page-x) 2px" }}>
        <h2>{title}</h2>
      </div>
      {empty ? (
        <p className="cap" style={{ padding: "2px var(--page-x) 10px" }}>
          {none}
        </p>
      ) : (
        <ScrollX label="Parts of the mesh">
          <table className="table" style={{ "--pad-x": "var(--page-x)" } as React.CSSProperties}>
            <thead>
              <tr>
                {heads.map((head) => (
                  <th key={head} scope="col">
                    {head}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>{children}</tbody>
          </table>
        </ScrollX>
      )}
    </section>
  );
}

function Ready({ good, word }: { readonly good: boolean; readonly word: string }) {
  return (
    <span className="row" style={{ gap: 6 }}>
      <span className={good ? "dot is-ok" : "dot is-error"} aria-hidden="true" />
      {word}
    </span>
  );
}

export function MeshNodes({ nodes }: { readonly nodes: MeshState["nodes"] }) {
  return (
    <Part
      title="Nodes"
      heads={["Node", "State", "Place", "Address", "Pods", "Version"]}
      none="No node joined yet."
      empty={nodes.length === 0}
    >
      {nodes.map((node) => (
        <tr key={node.name}>
          <td className="med">{node.name}</td>
          <td>
            <Ready good={node.ready} word={node.ready ? "Ready" : node.readyText || "Not ready"} />
          </td>
          <td className="t2">
            {node.region}, {node.zone}
          </td>
          <td className="mono t2">{node.address}</td>
          <td className="tn">{node.pods}</td>
          <td className="t3">{node.version}</td>
        </tr>
      ))}
    </Part>
  );
}

export function MeshNamespaces({ namespaces }: { readonly namespaces: MeshState["namespaces"] }) {
  return (
    <Part
      title="Namespaces"
      heads={["Namespace", "Team", "Pods in the mesh", "Plain text", "Calls without a rule"]}
      none="There are no namespaces."
      empty={namespaces.length === 0}
    >
      {namespaces.map(({ name, team, enrolment, proxies, mtlsRequired, lockedDown }) => (
        <tr key={name}>
          <td className="med">{name}</td>
          <td className="t2">{team === "" ? <span className="t3">none</span> : team}</td>
          <td>
            {enrolment.pods === 0 ? (
              <span className="t3">
                {proxies > 0
                  ? `${plural(proxies, "proxy", "proxies")}, in by nature`
                  : enrolment.labelled
                    ? "yes, no pods"
                    : "no pods"}
              </span>
            ) : enrolment.captured === enrolment.pods ? (
              <span className="c-mtls">
                {enrolment.captured} of {enrolment.pods}
              </span>
            ) : (
              <span className="row">
                <span className={enrolment.captured > 0 ? "c-warn" : "t2"}>
                  {enrolment.captured} of {enrolment.pods}
                </span>
                {!enrolment.labelled && (
                  <AppLink
                    className="link xs"
                    href={prefilledHref({ slug: "join-the-mesh", values: { namespaces: [name], enrolled: true } })}
                  >
                    Join
                  </AppLink>
                )}
              </span>
            )}
          </td>
          <td className={mtlsRequired ? undefined : "t2"}>{mtlsRequired ? "refused" : "accepted"}</td>
          <td className={lockedDown ? undefined : "t2"}>{lockedDown ? "refused" : "allowed"}</td>
        </tr>
      ))}
    </Part>
  );
}
