import { expect, test } from "vitest";
import { proxyFor } from "../../../../src/real/apiserver/connection/proxy.ts";

const PROXY = "http://proxy:3128";

test.each([
  { server: "https://10.96.0.1", environment: { HTTPS_PROXY: PROXY }, proxy: PROXY },
  { server: "https://10.96.0.1", environment: { https_proxy: PROXY }, proxy: PROXY },
  { server: "https://10.96.0.1", environment: { HTTPS_PROXY: "proxy:3128" }, proxy: PROXY },
  { server: "https://10.96.0.1", environment: { HTTP_PROXY: PROXY }, proxy: undefined },
  { server: "http://10.96.0.1", environment: { HTTP_PROXY: PROXY }, proxy: PROXY },
  { server: "https://10.96.0.1", environment: { HTTPS_PROXY: "" }, proxy: undefined },
  { server: "https://localhost:6443", environment: { HTTPS_PROXY: PROXY }, proxy: undefined },
  { server: "https://127.0.0.1:6443", environment: { HTTPS_PROXY: PROXY }, proxy: undefined },
  { server: "https://[::1]:6443", environment: { HTTPS_PROXY: PROXY }, proxy: undefined },
])("$server with $environment goes through $proxy", ({ server, environment, proxy }) => {
  expect(proxyFor(new URL(server), environment)).toBe(proxy);
});

test.each([
  { exemption: "*", server: "https://10.96.0.1", exempt: true },
  { exemption: "10.96.0.1", server: "https://10.96.0.1", exempt: true },
  { exemption: "10.96.0.0/12", server: "https://10.96.0.1", exempt: true },
  { exemption: "10.0.0.0/16", server: "https://10.96.0.1", exempt: false },
  { exemption: "10.96.0.0/99", server: "https://10.96.0.1", exempt: false },
  { exemption: "fd00::/8", server: "https://[fd00::1]", exempt: true },
  { exemption: "fd00::1", server: "https://[fd00::1]", exempt: true },
  { exemption: "fd00::/8", server: "https://10.96.0.1", exempt: false },
  { exemption: "example.com", server: "https://api.example.com", exempt: true },
  { exemption: "example.com", server: "https://example.com", exempt: true },
  { exemption: "example.com", server: "https://badexample.com", exempt: false },
  { exemption: ".example.com", server: "https://api.example.com", exempt: true },
  { exemption: ".example.com", server: "https://example.com", exempt: false },
  { exemption: "*.example.com", server: "https://api.example.com", exempt: true },
  { exemption: "EXAMPLE.com", server: "https://api.example.com", exempt: true },
  { exemption: "example.com:6443", server: "https://api.example.com:6443", exempt: true },
  { exemption: "example.com:6443", server: "https://api.example.com", exempt: false },
  { exemption: "example.com:443", server: "https://api.example.com", exempt: true },
  { exemption: "a.b, 10.96.0.0/12 ,c.d", server: "https://10.97.0.1", exempt: true },
  { exemption: "", server: "https://10.96.0.1", exempt: false },
])("NO_PROXY=$exemption for $server: $exempt", ({ exemption, server, exempt }) => {
  const proxy = proxyFor(new URL(server), { HTTPS_PROXY: PROXY, NO_PROXY: exemption });
  expect(proxy === undefined).toBe(exempt);
});
