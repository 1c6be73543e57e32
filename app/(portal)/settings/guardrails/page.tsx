import type { Metadata } from "next";
import { GuardrailsView } from "@/components/guardrails/guardrails-view.tsx";

export const metadata: Metadata = { title: "Guardrails" };

export default function GuardrailsPage() {
  return <GuardrailsView />;
}
