"use client";

import type { Certificate } from "@/server/contracts/traffic.ts";
import { duration, exact } from "./format.ts";
import { useNow } from "./time-ago.tsx";

/** How much of a certificate's life is left; the mark at half is where it is renewed. */
export function CertificateLife({ certificate, whose }: { readonly certificate: Certificate; readonly whose: string }) {
  const now = useNow();
  const whole = Math.max(1, certificate.notAfterUnixMs - certificate.notBeforeUnixMs);
  const left = certificate.notAfterUnixMs - now;
  const part = Math.min(1, Math.max(0, left / whole));
  return (
    <div>
      <span className="row spread">
        <span title={exact(certificate.notAfterUnixMs)}>
          {whose} {left > 0 ? `expires in ${duration(left)}` : `expired ${duration(left)} ago`}
        </span>
      </span>
      <span
        className={part < 0.2 ? "life is-late" : "life"}
        role="img"
        aria-label={`${Math.round(part * 100)} per cent of its life left, renewed at half`}
      >
        <i style={{ width: `${part * 100}%` }} />
        <b />
      </span>
      <span className="cap id" title="Serial number" style={{ color: "var(--text-3)" }}>
        serial {certificate.serial}
      </span>
    </div>
  );
}
