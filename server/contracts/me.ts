import * as z from "zod";
import { person } from "./names.ts";

/** viewer reads; developer proposes and applies in the team's namespaces; platform does everything; auditor reads all. */
export const role = z.enum(["viewer", "developer", "platform", "auditor"]);
export type Role = z.infer<typeof role>;

/** The three people of the demo; `none` for accounts of one's own. */
export const persona = z.enum(["platform", "developer", "auditor", "none"]);
export type Persona = z.infer<typeof persona>;

export const teamRef = z.strictObject({ name: z.string(), title: z.string(), namespaces: z.array(z.string()) });
export type TeamRef = z.infer<typeof teamRef>;

/** What the signed-in person may do. The server checks again on every request. */
export const capabilities = z.strictObject({
  /** May apply paths whose scope is the whole mesh, and in namespaces that no team owns. */
  applyMeshWide: z.boolean(),
  /** May apply in every namespace. */
  applyEverywhere: z.boolean(),
  /** Namespaces in which this person may apply (all of them when `applyEverywhere`). */
  applyIn: z.array(z.string()),
  /** May fill in forms and see previews. */
  preview: z.boolean(),
  /** May send requests from workloads of the namespaces in `applyIn`. */
  tryIt: z.boolean(),
  readAudit: z.boolean(),
  editSettings: z.boolean(),
});
export type Capabilities = z.infer<typeof capabilities>;

/** `GET /api/v1/me` */
export const me = z.strictObject({
  user: person.extend({ persona }),
  roles: z.array(role),
  teams: z.array(teamRef),
  capabilities,
  target: z.strictObject({
    kind: z.enum(["embedded", "kubernetes"]),
    demo: z.boolean(),
    trustDomain: z.string(),
    portalUrl: z.string(),
    /** Where the ingress gateway is published on this machine; empty when there is none. */
    gatewayUrl: z.string(),
    version: z.string(),
  }),
  /** When this session ends, milliseconds since the epoch. */
  sessionEndsUnixMs: z.number(),
});
export type Me = z.infer<typeof me>;

/** `GET /api/v1/sign-in?token=…`: what the page shows before the button is pressed. Does not use the link up. */
export const signInOffer = z.strictObject({
  user: person.extend({ persona }),
  roles: z.array(role),
  expiresUnixMs: z.number(),
});
export type SignInOffer = z.infer<typeof signInOffer>;

/** `POST /api/v1/sign-in`: uses the link up and sets the session cookie. Answer: `me`. */
export const signInRequest = z.strictObject({ token: z.string().min(20).max(200) });
export type SignInRequest = z.infer<typeof signInRequest>;

/** `GET /api/v1/teams` */
export const teams = z.strictObject({
  teams: z.array(
    teamRef.extend({
      members: z.array(person.extend({ role, persona })),
      services: z.int(),
    }),
  ),
  /** Namespaces that no team owns. */
  unowned: z.array(z.string()),
});
export type Teams = z.infer<typeof teams>;
