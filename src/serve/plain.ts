/**
 * Answers in plain text, which no browser may take for something else and no cache may keep.
 */
export const plain = (
  status: number,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): Response =>
  new Response(body, {
    status,
    headers: {
      "content-type": "text/plain; charset=utf-8",
      "x-content-type-options": "nosniff",
      "cache-control": "no-cache, private",
      ...headers,
    },
  });
