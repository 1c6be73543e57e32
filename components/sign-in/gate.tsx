import type { ReactNode } from "react";
import { BrandMark } from "../shell/brand.tsx";

/** The frame of pages before the sign-in. */
export function Gate({ children }: { readonly children: ReactNode }) {
  return (
    <main className="gate">
      <div className="gate-card">
        <div className="brand">
          <BrandMark />
          <span>Towpath</span>
        </div>
        {children}
      </div>
    </main>
  );
}
