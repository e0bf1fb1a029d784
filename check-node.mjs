/**
 * Says plainly when Node is too old to run TypeScript. On Linux npm brings its own (node_modules/.bin/node); elsewhere the
 * system's has to be new enough. Plain JavaScript, for any Node can read it.
 */
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major < 24 || (major === 24 && minor < 12)) {
  console.error(`Plimsoll needs Node 24.12 or newer, and this is ${process.version}: ${process.execPath}`);
  console.error("Install a newer one, or run it by npm on Linux, where `npm ci` brings the right one.");
  process.exit(1);
}
