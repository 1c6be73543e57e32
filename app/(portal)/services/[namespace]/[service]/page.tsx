import type { Metadata } from "next";
import { ServiceView } from "@/components/services/service-view.tsx";

interface ServicePageProps {
  readonly params: Promise<{ readonly namespace: string; readonly service: string }>;
}

export async function generateMetadata({ params }: ServicePageProps): Promise<Metadata> {
  return { title: (await params).service };
}

export default async function ServicePage({ params }: ServicePageProps) {
  const { namespace, service } = await params;
  return <ServiceView key={`${namespace}/${service}`} namespace={namespace} name={service} />;
}
