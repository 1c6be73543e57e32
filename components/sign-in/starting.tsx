"use client";

import { useRouter } from "next/navigation";
import { useEffect } from "react";
import { Gate } from "./gate.tsx";

/** The portal's back end is not up yet; asks again every half second. */
export function Starting() {
  const router = useRouter();
  useEffect(() => {
    const timer = setInterval(() => router.refresh(), 500);
    return () => clearInterval(timer);
  }, [router]);
  return (
    <Gate>
      <h1>Starting</h1>
      <p className="row" role="status">
        <span className="spin" aria-hidden="true" />
        Database and connection to the mesh come up.
      </p>
    </Gate>
  );
}
