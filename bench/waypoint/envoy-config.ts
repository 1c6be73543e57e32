import { stringify } from "yaml";
import { envoyCollector, envoyTelemetry } from "./envoy-telemetry.ts";

export interface EnvoyWish {
  readonly port: number;
  readonly adminPort: number;
  readonly backendAddress: string;
  readonly backendPort: number;
  readonly certificateFile: string;
  readonly keyFile: string;
  readonly rootFile: string;
  /** SPIFFE ID that the backend must show. */
  readonly backendId: string;
  /** Header-matched routes in front of the weighted one. */
  readonly routes: number;
  /** RBAC rules; the last one is the one that allows. */
  readonly rules: number;
  /** SPIFFE ID of the client, which the last rule names. */
  readonly clientId: string;
  /** Where traces go; `undefined`: Envoy's plain statistics alone. */
  readonly collectorPort: number | undefined;
}

const type = (name: string): string => `type.googleapis.com/envoy.${name}`;

/**
 * Envoy doing the work of one of Istio's waypoints for one service: a TLS listener that terminates HTTP/2 CONNECT, an
 * internal listener with RBAC, header-matched and weighted routes, retries and statistics, and an internal listener that
 * originates HTTP/2 CONNECT over mutual TLS to the destination.
 */
export function envoyConfig(wish: EnvoyWish): string {
  const validation = {
    trusted_ca: { filename: wish.rootFile },
  };
  const certificates = [
    { certificate_chain: { filename: wish.certificateFile }, private_key: { filename: wish.keyFile } },
  ];
  const tls13 = { tls_minimum_protocol_version: "TLSv1_3", tls_maximum_protocol_version: "TLSv1_3" };
  const internal = (listener: string): object => ({
    lb_endpoints: [{ endpoint: { address: { envoy_internal_address: { server_listener_name: listener } } } }],
  });
  const internalTransport = {
    name: "envoy.transport_sockets.internal_upstream",
    typed_config: {
      "@type": type("extensions.transport_sockets.internal_upstream.v3.InternalUpstreamTransport"),
      transport_socket: {
        name: "envoy.transport_sockets.raw_buffer",
        typed_config: { "@type": type("extensions.transport_sockets.raw_buffer.v3.RawBuffer") },
      },
    },
  };
  const router = {
    name: "envoy.filters.http.router",
    typed_config: { "@type": type("extensions.filters.http.router.v3.Router") },
  };
  const backend = (name: string): object => ({
    name,
    type: "STATIC",
    connect_timeout: "5s",
    load_assignment: { cluster_name: name, endpoints: [internal("connect_originate")] },
    transport_socket: internalTransport,
  });
  const http2 = {
    "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
      "@type": type("extensions.upstreams.http.v3.HttpProtocolOptions"),
      explicit_http_config: { http2_protocol_options: {} },
    },
  };
  const retry = {
    retry_on: "connect-failure,refused-stream,unavailable,cancelled,retriable-status-codes",
    num_retries: 3,
    retriable_status_codes: [503],
  };
  const policies = Object.fromEntries(
    Array.from({ length: wish.rules }, (_, index) => {
      const last = index === wish.rules - 1;
      return [
        `rule-${index}`,
        {
          permissions: [
            {
              and_rules: {
                rules: [
                  { header: { name: ":method", string_match: { exact: last ? "GET" : "POST" } } },
                  { url_path: { path: last ? { prefix: "/" } : { prefix: `/area-${index}/` } } },
                ],
              },
            },
          ],
          principals: [
            {
              and_ids: {
                ids: [
                  {
                    header: {
                      name: "x-bench-peer",
                      string_match: {
                        exact: last ? wish.clientId : `spiffe://cluster.local/ns/bench/sa/caller-${index}`,
                      },
                    },
                  },
                ],
              },
            },
          ],
        },
      ];
    }),
  );
  const routes = [
    ...Array.from({ length: wish.routes - 1 }, (_, index) => ({
      match: { prefix: "/", headers: [{ name: "x-route", string_match: { exact: `r${index}` } }] },
      route: { cluster: "v2", timeout: "5s", retry_policy: retry },
    })),
    {
      match: { prefix: "/" },
      route: {
        weighted_clusters: {
          clusters: [
            { name: "v1", weight: 90 },
            { name: "v2", weight: 10 },
          ],
        },
        timeout: "5s",
        retry_policy: retry,
      },
    },
  ];
  return stringify({
    bootstrap_extensions: [
      {
        name: "envoy.bootstrap.internal_listener",
        typed_config: { "@type": type("extensions.bootstrap.internal_listener.v3.InternalListener") },
      },
    ],
    admin: { address: { socket_address: { address: "127.0.0.1", port_value: wish.adminPort } } },
    static_resources: {
      listeners: [
        {
          name: "connect_terminate",
          address: { socket_address: { address: "127.0.0.1", port_value: wish.port } },
          filter_chains: [
            {
              transport_socket: {
                name: "tls",
                typed_config: {
                  "@type": type("extensions.transport_sockets.tls.v3.DownstreamTlsContext"),
                  require_client_certificate: true,
                  common_tls_context: {
                    alpn_protocols: ["h2"],
                    tls_certificates: certificates,
                    validation_context: validation,
                    tls_params: tls13,
                  },
                },
              },
              filters: [
                {
                  name: "hcm",
                  typed_config: {
                    "@type": type("extensions.filters.network.http_connection_manager.v3.HttpConnectionManager"),
                    stat_prefix: "terminate",
                    http2_protocol_options: { allow_connect: true },
                    upgrade_configs: [{ upgrade_type: "CONNECT" }],
                    route_config: {
                      virtual_hosts: [
                        {
                          name: "all",
                          domains: ["*"],
                          routes: [
                            {
                              match: { connect_matcher: {} },
                              route: {
                                cluster: "main_internal",
                                upgrade_configs: [{ upgrade_type: "CONNECT", connect_config: {} }],
                              },
                            },
                          ],
                        },
                      ],
                    },
                    http_filters: [router],
                  },
                },
              ],
            },
          ],
        },
        {
          name: "main_internal",
          internal_listener: {},
          filter_chains: [
            {
              filters: [
                {
                  name: "hcm",
                  typed_config: {
                    "@type": type("extensions.filters.network.http_connection_manager.v3.HttpConnectionManager"),
                    stat_prefix: "main",
                    normalize_path: true,
                    generate_request_id: true,
                    ...(wish.collectorPort === undefined ? {} : envoyTelemetry()),
                    route_config: { virtual_hosts: [{ name: "all", domains: ["*"], routes }] },
                    http_filters: [
                      {
                        name: "envoy.filters.http.rbac",
                        typed_config: {
                          "@type": type("extensions.filters.http.rbac.v3.RBAC"),
                          rules: { action: "ALLOW", policies },
                        },
                      },
                      router,
                    ],
                  },
                },
              ],
            },
          ],
        },
        {
          name: "connect_originate",
          internal_listener: {},
          filter_chains: [
            {
              filters: [
                {
                  name: "tcp",
                  typed_config: {
                    "@type": type("extensions.filters.network.tcp_proxy.v3.TcpProxy"),
                    stat_prefix: "originate",
                    cluster: "originate",
                    tunneling_config: { hostname: `${wish.backendAddress}:8080` },
                  },
                },
              ],
            },
          ],
        },
      ],
      clusters: [
        {
          name: "main_internal",
          type: "STATIC",
          load_assignment: { cluster_name: "main_internal", endpoints: [internal("main_internal")] },
          transport_socket: internalTransport,
        },
        ...(wish.collectorPort === undefined ? [] : [envoyCollector(wish.collectorPort)]),
        backend("v1"),
        backend("v2"),
        {
          name: "originate",
          type: "STATIC",
          connect_timeout: "5s",
          typed_extension_protocol_options: http2,
          load_assignment: {
            cluster_name: "originate",
            endpoints: [
              {
                lb_endpoints: [
                  {
                    endpoint: {
                      address: { socket_address: { address: wish.backendAddress, port_value: wish.backendPort } },
                    },
                  },
                ],
              },
            ],
          },
          transport_socket: {
            name: "tls",
            typed_config: {
              "@type": type("extensions.transport_sockets.tls.v3.UpstreamTlsContext"),
              common_tls_context: {
                alpn_protocols: ["h2"],
                tls_certificates: certificates,
                tls_params: tls13,
                validation_context: {
                  ...validation,
                  match_typed_subject_alt_names: [{ san_type: "URI", matcher: { exact: wish.backendId } }],
                },
              },
            },
          },
        },
      ],
    },
  });
}
