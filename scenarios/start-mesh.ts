/** A mesh as a process of its own, so that a test can kill its supervisor. Argument: the home. */
import { TestMesh } from "./mesh.ts";

const mesh = await TestMesh.start({ demo: true, home: process.argv[2] ?? "" });
process.on("SIGTERM", () => {
  mesh.client.close();
  mesh.towpath.close().then(
    () => process.exit(0),
    () => process.exit(1),
  );
});
console.log("ready");
