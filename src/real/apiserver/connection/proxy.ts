/**
 * Whether the way to the API server leads through a proxy: HTTPS_PROXY, HTTP_PROXY and NO_PROXY as Go
 * programs read them, address blocks included. What is local is never asked of a proxy.
 */
import { BlockList, isIP } from "node:net";

export type Environment = Readonly<Record<string, string | undefined>>;

/** The proxy's URL as the environment has it; undefined: go straight. */
export function proxyFor(server: URL, environment: Environment): string | undefined {
  const either = (name: string): string => environment[name] || environment[name.toLowerCase()] || "";
  const proxy = either(server.protocol === "https:" ? "HTTPS_PROXY" : "HTTP_PROXY");
  if (proxy === "" || isLocal(hostOf(server)) || isExempt(server, either("NO_PROXY"))) return undefined;
  return proxy.includes("://") ? proxy : `http://${proxy}`;
}

export function isLocal(host: string): boolean {
  return host === "localhost" || host === "::1" || (isIP(host) === 4 && host.startsWith("127."));
}

/** The host of a URL; an IPv6 address without its brackets. */
export const hostOf = (url: URL): string => url.hostname.replace(/^\[(.*)\]$/, "$1");

function isExempt(server: URL, exemptions: string): boolean {
  const host = hostOf(server);
  const port = server.port || (server.protocol === "https:" ? "443" : "80");
  return exemptions
    .split(/[\s,]+/)
    .filter((entry) => entry !== "")
    .some((entry) => exempts(entry.toLowerCase(), host, port));
}

/**
 * One entry: `*`, an address, a block (`10.96.0.0/12`), a domain (`.b.c` is below b.c only), each `:port`
 * or not.
 */
function exempts(entry: string, host: string, port: string): boolean {
  if (entry === "*") return true;
  if (entry.includes("/")) return isInBlock(host, entry);
  if (isIP(entry) !== 0) return entry === host;
  const [, name = "", onlyPort] = /^\[?(.*?)\]?(?::(\d+))?$/.exec(entry) ?? [];
  if (onlyPort !== undefined && onlyPort !== port) return false;
  const domain = name.replace(/^\*\./, ".");
  return domain.startsWith(".") ? host.endsWith(domain) : host === domain || host.endsWith(`.${domain}`);
}

function isInBlock(host: string, block: string): boolean {
  const [network = "", bits = ""] = block.split("/");
  const family = isIP(network);
  const prefix = Number(bits);
  if (family === 0 || isIP(host) !== family || !/^\d+$/.test(bits) || prefix > (family === 4 ? 32 : 128))
    return false;
  const list = new BlockList();
  const type = family === 4 ? "ipv4" : "ipv6";
  list.addSubnet(network, prefix, type);
  return list.check(host, type);
}
