import { handleApi } from "@/server/http/api.ts";

export const dynamic = "force-dynamic";

/** Routes, access and schemas are in `server/http/routes.ts`. */
export const GET = handleApi;
export const POST = handleApi;
export const PUT = handleApi;
export const DELETE = handleApi;
