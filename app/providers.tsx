"use client";

import { QueryClientProvider } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { createQueryClient } from "@/components/query/query-client.ts";
import { TipProvider } from "@/components/ui/tip.tsx";

/** The one set of client providers. */
export function Providers({ children }: { readonly children: ReactNode }) {
  const [client] = useState(createQueryClient);
  return (
    <QueryClientProvider client={client}>
      <TipProvider>{children}</TipProvider>
    </QueryClientProvider>
  );
}
