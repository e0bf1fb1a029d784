import { X509Certificate } from "node:crypto";
import { expect, test } from "vitest";
import { oid, utcTime } from "../../../src/serve/certificate/der.ts";
import { issueAuthority, issueClient, issueServer } from "../../../src/serve/certificate/issue.ts";

const VALID = { from: Date.UTC(2026, 0, 1), until: Date.UTC(2027, 0, 1) };
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

test.each([
  ["2.5.4.3", "0603550403"],
  ["1.2.840.10045.4.3.2", "06082a8648ce3d040302"],
])("object identifier %s is %s", (dotted, bytes) => {
  expect(hex(oid(dotted))).toBe(bytes);
});

test("a time is written to the second, and refused from 2050 on", () => {
  expect(Buffer.from(utcTime(Date.UTC(2026, 10, 25, 1, 2, 3))).toString("latin1")).toContain("261125010203Z");
  expect(() => utcTime(Date.UTC(2050, 0, 1))).toThrow("before 2050");
});

test("an authority is one, signs others, and they are none", () => {
  const authority = issueAuthority("authority", VALID);
  const ca = new X509Certificate(authority.certificate);
  expect(ca.ca).toBe(true);
  expect(ca.verify(ca.publicKey)).toBe(true);
  const server = new X509Certificate(issueServer(authority, { name: "web", hosts: ["web.shop.svc", "127.0.0.1"] }, VALID).certificate);
  const client = new X509Certificate(issueClient(authority, { name: "alice", groups: ["dev"] }, VALID).certificate);
  for (const leaf of [server, client]) {
    expect(leaf.ca).toBe(false);
    expect(leaf.checkIssued(ca)).toBe(true);
    expect(leaf.verify(ca.publicKey)).toBe(true);
    expect([leaf.validFromDate.getTime(), leaf.validToDate.getTime()]).toEqual([VALID.from, VALID.until]);
  }
  expect(server.checkHost("web.shop.svc")).toBeDefined();
  expect(server.checkHost("other.shop.svc")).toBeUndefined();
  expect(server.checkIP("127.0.0.1")).toBeDefined();
  expect(client.subject).toBe("O=dev\nCN=alice");
  expect([server.keyUsage, client.keyUsage]).toEqual([["1.3.6.1.5.5.7.3.1"], ["1.3.6.1.5.5.7.3.2"]]);
}); // prettier-ignore

test("no two certificates have one serial number", () => {
  const authority = issueAuthority("authority", VALID);
  const numbers = [1, 2, 3].map(
    () => new X509Certificate(issueClient(authority, { name: "a" }, VALID).certificate).serialNumber,
  );
  expect(new Set(numbers).size).toBe(3);
});
