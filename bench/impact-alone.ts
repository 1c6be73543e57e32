/** The figures of previews alone, on the screen. */
import "./portal-imports.ts";

const { impactReport } = await import("./impact.ts");
console.log(await impactReport());
