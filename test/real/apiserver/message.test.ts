import fc from "fast-check";
import { expect, test } from "vitest";
import { cleanMessage, codeOf, wordsOf } from "../../../src/real/apiserver/message.ts";

test.each([
  ["two\nlines\tand \u0000 more", "two lines and more"],
  ["got Bearer abc.def-ghi/jk= back", "got Bearer *** back"],
  ["Authorization: Basic dXNlcjpwYXNz", "Authorization: Basic ***"],
  ["token eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ4In0.c2ln is expired", "token *** is expired"],
  [
    "proxy http://user:pass@proxy.example.com:3128 refused",
    "proxy http://***@proxy.example.com:3128 refused",
  ],
  ["x".repeat(301), `${"x".repeat(299)}…`],
])("%j is shown as %j", (text, shown) => {
  expect(cleanMessage(text)).toBe(shown);
});

test("whatever comes, a message is one line of at most 300 characters, and cleaning it again changes nothing", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme", maxLength: 600 }), (text) => {
      const clean = cleanMessage(text);
      expect(clean.length).toBeLessThanOrEqual(300);
      expect(clean).not.toMatch(/\p{Cc}/u);
      expect(cleanMessage(clean)).toBe(clean);
    }),
  );
});

test("an error's words and code are found where they are", () => {
  const refused = Object.assign(new Error("connect ECONNREFUSED ::1:1"), { code: "ECONNREFUSED" });
  const both = new AggregateError([refused, new Error("other")]);
  expect(wordsOf(both)).toBe("connect ECONNREFUSED ::1:1");
  expect(codeOf(both)).toBe("ECONNREFUSED");
  expect(codeOf(new Error("outer", { cause: refused }))).toBe("ECONNREFUSED");
  expect(wordsOf(new TypeError(""))).toBe("TypeError");
  expect(wordsOf("text")).toBe("text");
  expect(codeOf("text")).toBe("");
});
