"use client";

import { CirclePause, CircleQuestionMark, ShieldCheck, TriangleAlert } from "lucide-react";
import { Fragment } from "react";
import type { MeshState } from "@/server/contracts/mesh.ts";
import { AppLink } from "../ui/app-link.tsx";
import { Badge } from "../ui/badge.tsx";
import { Countdown } from "../ui/countdown.tsx";
import { ejectionWords } from "../ui/ejection-words.ts";
import { plural } from "../ui/format.ts";
import { ScrollX } from "../ui/scroll-x.tsx";

type Gateway = MeshState["gateways"][number];

/** Ingress gateways and waypoints: ready or not, what they serve, and whether calls can pass them by. */
export function MeshGateways({ gateways }: { readonly gateways: readonly Gateway[] }) {
  return (
    <section aria-label="Gateways and waypoints">
      <div className="section-head" style={{ padding: "16px var(--page-x) 2px" }}>
        <h2>Gateways and waypoints</h2>
      </div>
      {gateways.length === 0 ? (
        <p className="cap" style={{ padding: "2px var(--page-x) 10px" }}>
          There are none. A Gateway of class istio-waypoint gives a namespace rules about methods, paths and headers.
        </p>
      ) : (
        <ScrollX label="Gateways and waypoints">
          <table className="table" style={{ "--pad-x": "var(--page-x)" } as React.CSSProperties}>
            <thead>
              <tr>
                <th scope="col">Name</th>
                <th scope="col">Kind</th>
                <th scope="col">State</th>
                <th scope="col" className="num">
                  Pods
                </th>
                <th scope="col">Serves</th>
                <th scope="col">Addresses</th>
              </tr>
            </thead>
            <tbody>
              {gateways.map((gateway) => (
                <Fragment key={`${gateway.namespace}/${gateway.name}`}>
                  <Row gateway={gateway} />
                  <Details gateway={gateway} />
                </Fragment>
              ))}
            </tbody>
          </table>
        </ScrollX>
      )}
    </section>
  );
}

function Row({ gateway }: { readonly gateway: Gateway }) {
  const { namespace, name, kind, className, programmed, text, pods, readyPods, serves, addresses, hosts } = gateway;
  const ready = programmed && readyPods > 0;
  const open = serves.filter(({ way }) => way === "open").length;
  return (
    <tr data-testid={`gateway-${namespace}/${name}`} data-ready={ready}>
      <td>
        <span className="svc">{name}</span> <span className="t3">{namespace}</span>
      </td>
      <td className="t2" title={className}>
        {kind}
      </td>
      <td>
        <span className="row" style={{ gap: 6 }}>
          <span className={ready ? "dot is-ok" : "dot is-error"} aria-hidden="true" />
          {programmed ? (readyPods > 0 ? "Programmed" : "No pod ready") : text || "Not programmed"}
        </span>
      </td>
      <td className={readyPods < pods || pods === 0 ? "num tn c-warn" : "num tn"}>
        {readyPods} of {pods}
      </td>
      <td className="t2">
        {kind === "gateway" ? (
          hosts.join(", ")
        ) : serves.length === 0 ? (
          <span className="t3">no service yet</span>
        ) : (
          <>
            {plural(serves.length, "service")}
            {open > 0 && <span className="c-warn">, {open} open</span>}
          </>
        )}
      </td>
      <td className="mono t2">{addresses.join(", ")}</td>
    </tr>
  );
}

const ways = {
  guarded: { tone: "ok", icon: ShieldCheck, word: "guarded" },
  open: { tone: "warn", icon: TriangleAlert, word: "open" },
  unknown: { tone: "none", icon: CircleQuestionMark, word: "not said" },
} as const;

/** What it serves one by one, what it refused and why, and which pods it leaves out. */
function Details({ gateway: { serves, refused, ejected } }: { readonly gateway: Gateway }) {
  if (serves.length + refused.length + ejected.length === 0) {
    return null;
  }
  return (
    <tr className="gw-detail">
      <td colSpan={6}>
        <ul className="gw-list">
          {serves.map(({ namespace, name, way, text }) => {
            const { tone, icon, word } = ways[way];
            return (
              <li key={`${namespace}/${name}`} data-testid={`serves-${namespace}/${name}`} data-way={way}>
                <span className="gw-mark">
                  <Badge tone={tone} icon={icon}>
                    {word}
                  </Badge>
                </span>
                <span className="gw-name">
                  <AppLink className="link" href={`/services/${namespace}/${name}?tab=access`}>
                    {name}
                  </AppLink>{" "}
                  <span className="t3">{namespace}</span>
                </span>
                <span className={way === "open" ? "gw-text t2" : "gw-text t3"}>{text}</span>
              </li>
            );
          })}
          {refused.map(({ namespace, name, text }) => (
            <li key={`refused ${namespace}/${name}`}>
              <span className="gw-mark">
                <Badge tone="error" icon={TriangleAlert}>
                  not bound
                </Badge>
              </span>
              <span className="gw-name">
                {name} <span className="t3">{namespace}</span>
              </span>
              <span className="gw-text t2">{text}</span>
            </li>
          ))}
          {ejected.map(({ pod, untilUnixMs, reason }) => (
            <li key={`ejected ${pod}`}>
              <span className="gw-mark">
                <Badge tone="warn" icon={CirclePause}>
                  taken out
                </Badge>
              </span>
              <span className="gw-name mono">{pod}</span>
              <span className="gw-text t2">
                {ejectionWords(reason)}, back <Countdown until={untilUnixMs} otherwise="any moment" />
              </span>
            </li>
          ))}
        </ul>
      </td>
    </tr>
  );
}
