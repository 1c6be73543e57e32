/** The two gRPC methods of the control plane's port, for its server and for its clients. */
import { type DescMessage, fromBinary, type MessageShape, toBinary } from "@bufbuild/protobuf";
import type { MethodDefinition } from "@grpc/grpc-js";
import {
  type IstioCertificateRequest,
  IstioCertificateRequestSchema,
  type IstioCertificateResponse,
  IstioCertificateResponseSchema,
} from "./gen/certificate_pb.js";
import {
  type DeltaDiscoveryRequest,
  DeltaDiscoveryRequestSchema,
  type DeltaDiscoveryResponse,
  DeltaDiscoveryResponseSchema,
} from "./gen/discovery_pb.js";

const serialize =
  <S extends DescMessage>(schema: S) =>
  (value: MessageShape<S>): Buffer => {
    const bytes = toBinary(schema, value);
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  };
const deserialize =
  <S extends DescMessage>(schema: S) =>
  (bytes: Buffer): MessageShape<S> =>
    fromBinary(schema, bytes);

/** Incremental aggregated discovery. */
export const deltaAggregatedResources: MethodDefinition<DeltaDiscoveryRequest, DeltaDiscoveryResponse> = {
  path: "/envoy.service.discovery.v3.AggregatedDiscoveryService/DeltaAggregatedResources",
  requestStream: true,
  responseStream: true,
  requestSerialize: serialize(DeltaDiscoveryRequestSchema),
  requestDeserialize: deserialize(DeltaDiscoveryRequestSchema),
  responseSerialize: serialize(DeltaDiscoveryResponseSchema),
  responseDeserialize: deserialize(DeltaDiscoveryResponseSchema),
};

/** Istio's certificate signing. */
export const createCertificate: MethodDefinition<IstioCertificateRequest, IstioCertificateResponse> = {
  path: "/istio.v1.auth.IstioCertificateService/CreateCertificate",
  requestStream: false,
  responseStream: false,
  requestSerialize: serialize(IstioCertificateRequestSchema),
  requestDeserialize: deserialize(IstioCertificateRequestSchema),
  responseSerialize: serialize(IstioCertificateResponseSchema),
  responseDeserialize: deserialize(IstioCertificateResponseSchema),
};
