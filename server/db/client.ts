import { PrismaPg } from "@prisma/adapter-pg";
import { Prisma, PrismaClient } from "./generated/client.ts";
import type { Pool } from "./pool.ts";

export type Database = PrismaClient;
/** Inside `db.$transaction`. */
export type Transaction = Prisma.TransactionClient;
export type JsonValue = Prisma.InputJsonValue;

/** SQL NULL in a nullable JSON column. */
export const databaseNull: typeof Prisma.DbNull = Prisma.DbNull;

/** Prisma over the shared pool. Closing the pool closes it. */
export function createDatabase(pool: Pool): Database {
  return new PrismaClient({ adapter: new PrismaPg(pool), errorFormat: "minimal" });
}

/** Plain data as Prisma's JSON input: what is not JSON (undefined, dates) is normalised on the way. */
export function toJson(value: unknown): JsonValue {
  return JSON.parse(JSON.stringify(value)) as JsonValue;
}
