/** `LoadBalancerSettings` of a DestinationRule. */
import type * as z from "zod";
import { bool, dict, double, int, list, nullable, oneOf, str, struct, uint32 } from "../schema/builders.ts";
import { duration } from "./duration.ts";

const consistentHash = struct(
  "v1alpha3.LoadBalancerSettings_ConsistentHashLB",
  {},
  {
    httpHeaderName: str().describe("Header whose value chooses the endpoint."),
    httpCookie: struct(
      "v1alpha3.LoadBalancerSettings_ConsistentHashLB_HTTPCookie",
      { name: str() },
      {
        path: str(),
        ttl: str().describe("Life of a cookie that is made when there is none; 0s is a session."),
        attributes: list(
          struct(
            "v1alpha3.LoadBalancerSettings_ConsistentHashLB_HTTPCookie_Attribute",
            { name: str() },
            { value: str() },
          ),
        ),
      },
    ).describe("Cookie whose value chooses the endpoint."),
    useSourceIp: bool().describe("The caller's address chooses the endpoint."),
    httpQueryParameterName: str().describe("Query parameter whose value chooses the endpoint."),
    ringHash: struct("v1alpha3.RingHash", {}, { minimumRingSize: int({ minimum: 0 }) }),
    maglev: struct("v1alpha3.MagLev", {}, { tableSize: int({ minimum: 0 }) }),
    minimumRingSize: int({ minimum: 0 }).describe("Deprecated: use ringHash."),
  },
  {
    exclusive: [
      ["httpHeaderName", "httpCookie", "useSourceIp", "httpQueryParameterName"],
      ["ringHash", "maglev"],
    ],
  },
);

const localityLbSetting = struct(
  "v1alpha3.LocalityLoadBalancerSetting",
  {},
  {
    distribute: list(
      struct(
        "v1alpha3.LocalityLoadBalancerSetting_Distribute",
        {},
        {
          from: str().describe("Where the proxy is: `region/zone/subzone`, `region/*`, `*`."),
          to: dict(uint32()).describe("Percent by locality; together 100."),
        },
      ),
    ).describe("Fixed shares; localities that are not named get nothing."),
    failover: list(struct("v1alpha3.LocalityLoadBalancerSetting_Failover", {}, { from: str(), to: str() })).describe(
      "Region to go to when a region fails; needs outlierDetection.",
    ),
    failoverPriority: list(str()).describe("Labels by which endpoints are preferred; needs outlierDetection."),
    enabled: nullable(bool()).describe("Overrides the mesh's own switch."),
  },
);

export const loadBalancer = struct(
  "v1alpha3.LoadBalancerSettings",
  {},
  {
    simple: oneOf(["UNSPECIFIED", "LEAST_CONN", "RANDOM", "PASSTHROUGH", "ROUND_ROBIN", "LEAST_REQUEST"]).describe(
      "LEAST_REQUEST by default.",
    ),
    consistentHash: consistentHash.describe("Keeps a caller at one endpoint."),
    localityLbSetting: localityLbSetting.describe("Preference by place."),
    warmupDurationSecs: duration().describe("Deprecated: use warmup."),
    warmup: struct(
      "v1alpha3.WarmupConfiguration",
      { duration: duration().describe("How long an endpoint counts as new.") },
      {
        minimumPercent: nullable(double({ minimum: 0, maximum: 100 })).describe("Share at the start; 10 by default."),
        aggression: nullable(double({ minimum: 0 })).describe("Form of the growth: 1 is linear."),
      },
    ).describe("New endpoints get their share little by little."),
  },
  { exclusive: [["simple", "consistentHash"]] },
);

export type LoadBalancerSettings = z.infer<typeof loadBalancer>;
export type LocalityLbSetting = z.infer<typeof localityLbSetting>;
export type ConsistentHashSettings = z.infer<typeof consistentHash>;
