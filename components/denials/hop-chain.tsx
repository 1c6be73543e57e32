import { Ban, Lock } from "lucide-react";
import type { DenialGroup } from "@/server/contracts/denials.ts";

/** The way that the request took, and the hop that ended it. */
export function HopChain({ group, fromGateway }: { readonly group: DenialGroup; readonly fromGateway: boolean }) {
  const { caller, service, hop, node, enforcer } = group;
  const proven = caller.principal !== "";
  const outside = caller.namespace === "";
  return (
    <div
      className="hops"
      role="img"
      aria-label={`Refused at the ${enforcer}${node === "" ? "" : ` on ${node}`}, before ${service.name}`}
    >
      <div className="hop">
        <span className="hn">{caller.title}</span>
        <span className="cap">{caller.pod !== "" ? caller.pod : outside ? caller.ip : caller.namespace}</span>
      </div>
      {!outside && !fromGateway && hop !== "gateway" && (
        <>
          <div className="ln">
            <span>inside its node</span>
          </div>
          <div className="hop">
            <span className="hn">agent</span>
            <span className="cap">of the caller, sends</span>
          </div>
        </>
      )}
      <div className="ln">
        <span>
          {proven ? (
            <>
              mTLS <Lock className="ic ic-12" aria-hidden="true" />
            </>
          ) : (
            "plain text"
          )}
        </span>
      </div>
      <div className="hop is-stop">
        <span className="hn">
          <Ban className="ic ic-14" aria-hidden="true" />
          {hop}
        </span>
        <span className="cap">{[enforcer.slice(hop.length + 1), node, "decides"].filter(Boolean).join(", ")}</span>
      </div>
      <div className="ln no">
        <span>never sent</span>
      </div>
      <div className="hop is-dim">
        <span className="hn">{service.name}</span>
        <span className="cap">{group.destinationPod === "" ? service.namespace : group.destinationPod}</span>
      </div>
    </div>
  );
}
