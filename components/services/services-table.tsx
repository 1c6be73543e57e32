"use client";

import { Server, Signpost } from "lucide-react";
import { useRouter } from "next/navigation";
import type { KeyboardEvent } from "react";
import type { ServiceSummary } from "@/server/contracts/services.ts";
import { AppLink } from "../ui/app-link.tsx";
import { classNames } from "../ui/class-names.ts";
import { Figure } from "../ui/figure.tsx";
import { milliseconds, rate, share, shareShort } from "../ui/format.ts";
import { HealthDot } from "../ui/health-dot.tsx";
import { LockBadge } from "../ui/lock-badge.tsx";
import { ScrollX } from "../ui/scroll-x.tsx";
import { Sparkline } from "../ui/sparkline.tsx";
import { Empty, SkeletonRows } from "../ui/states.tsx";
import { useStableOrder } from "../ui/use-stable-order.ts";

interface ServicesTableProps {
  /** Undefined while loading. */
  readonly services: readonly ServiceSummary[] | undefined;
  readonly filter: string;
  readonly stale?: boolean;
}

/** Services with their figures. Rows keep their order; arrows move, Enter opens. */
export function ServicesTable({ services, filter, stale = false }: ServicesTableProps) {
  const wanted = filter.trim().toLowerCase();
  const ordered = useStableOrder(services, (service) => `${service.namespace}/${service.name}`, "end");
  const shown = ordered?.filter((service) =>
    `${service.namespace}/${service.name} ${service.team}`.toLowerCase().includes(wanted),
  );
  if (shown?.length === 0) {
    return (
      <Empty icon={Server} title={wanted === "" ? "No services yet" : "No service has this name"}>
        {wanted === ""
          ? "Apply a Deployment and a Service with kubectl: they appear here by themselves."
          : "Empty the field with Esc to see all."}
      </Empty>
    );
  }
  return (
    <ScrollX label="Services" className={classNames(stale && "is-stale")}>
      <table className="table svcs" style={{ "--pad-x": "var(--page-x)" } as React.CSSProperties}>
        <thead>
          <tr>
            <th scope="col">Service</th>
            <th scope="col">Version</th>
            <th scope="col" className="num">
              Rate
            </th>
            <td />
            <th scope="col" className="num er">
              Errors
            </th>
            <th scope="col" className="num">
              p95
            </th>
            <th scope="col" className="num">
              Denied
            </th>
            <th scope="col" className="lk">
              mTLS of callers
            </th>
          </tr>
        </thead>
        {shown === undefined ? (
          <SkeletonRows widths={[140, 60, 56, 64, 48, 48, 40, 60]} />
        ) : (
          <tbody>
            {shown.map((service) => (
              <Row key={`${service.namespace}/${service.name}`} service={service} />
            ))}
          </tbody>
        )}
      </table>
    </ScrollX>
  );
}

function moveFocus(event: KeyboardEvent<HTMLTableRowElement>) {
  const row = event.currentTarget;
  const next =
    event.key === "ArrowDown" ? row.nextElementSibling : event.key === "ArrowUp" ? row.previousElementSibling : null;
  const link = next?.querySelector("a");
  if (link) {
    event.preventDefault();
    link.focus();
  }
}

function about(service: ServiceSummary): string {
  if (service.healthReason !== "") {
    return service.healthReason;
  }
  if (service.mine) {
    return "yours";
  }
  return service.team === "" ? service.namespace : `team ${service.team}`;
}

function Row({ service }: { readonly service: ServiceSummary }) {
  const router = useRouter();
  const href = `/services/${service.namespace}/${service.name}`;
  const { rps } = service;
  return (
    <tr
      onKeyDown={moveFocus}
      onClick={(event) => {
        if (!(event.target instanceof Element && event.target.closest("a"))) {
          router.push(href);
        }
      }}
      style={{ cursor: "pointer" }}
      data-testid={`service-${service.namespace}/${service.name}`}
    >
      <td>
        <div className="nm">
          <HealthDot health={service.health} />
          <div style={{ minWidth: 0 }}>
            <span className="row" style={{ gap: 6 }}>
              <AppLink className="svc rowlink" href={href}>
                {service.name}
              </AppLink>
              {service.waypoint && <WaypointMark waypoint={service.waypoint} />}
            </span>
            <div
              className={classNames(
                "cap trunc",
                service.health === "failing" && "c-error",
                service.health === "degraded" && "c-warn",
              )}
              title={about(service)}
            >
              {about(service)}
            </div>
          </div>
        </div>
      </td>
      <td className="sm t2">
        <Versions service={service} />
      </td>
      <td className="num">
        <Figure of={rate(rps)} />
      </td>
      <td className="sp">
        <Sparkline values={service.rate.values} label={`Rate of ${service.name}, last hour`} />
      </td>
      <td className={classNames("num er", service.errorShare > 0.01 && "c-error")}>
        <Figure of={share(rps > 0 ? service.errorShare : null)} />
      </td>
      <td className="num">
        <Figure of={milliseconds(service.p95Ms)} />
      </td>
      <td className={service.deniedPerSecond > 0 ? "num c-denied" : "num t3"}>
        {service.deniedPerSecond > 0 ? <Figure of={rate(service.deniedPerSecond, "/s")} /> : "–"}
      </td>
      <td className="lk">
        {service.mtlsShare === null ? (
          <span className="lock is-none">{service.callers === 0 ? "no callers" : "not known"}</span>
        ) : (
          <LockBadge share={service.mtlsShare} none={service.kind === "gateway" ? "plain outside" : "plain text"} />
        )}
      </td>
    </tr>
  );
}

/** The signpost beside a name: behind a waypoint, amber when calls can pass it by or it is not bound. */
function WaypointMark({ waypoint: { waypoint, way } }: { readonly waypoint: NonNullable<ServiceSummary["waypoint"]> }) {
  const troubled = way === "open" || way === "refused";
  const words =
    way === "refused"
      ? `Asks for waypoint ${waypoint} and is not bound`
      : `Behind waypoint ${waypoint}${way === "open" ? ", and can be called past it" : ""}`;
  return (
    <span className={troubled ? "c-warn" : "c-mtls"} title={words} data-testid="waypoint-mark" data-way={way}>
      <Signpost className="ic ic-12" role="img" aria-label={words} />
    </span>
  );
}

function Versions({ service }: { readonly service: ServiceSummary }) {
  if (service.kind !== "service") {
    return <span className="t3">{service.kind}</span>;
  }
  const several = service.versions.length > 1;
  return (
    <span className="row" style={{ gap: 10 }}>
      {service.versions.map((version, index) => (
        <span key={version.version} className={index === 0 ? "ver" : "ver is-canary"}>
          {version.version}
          {several && version.share !== null && <span className="tn t3">{shareShort(version.share)}</span>}
        </span>
      ))}
    </span>
  );
}
