/**
 * A request over TLS to a process on this machine, whose certificate is not looked at: what it is asked for is not a secret.
 */
import { request } from "node:https";

export type SecureQuestion = Readonly<{
  port: number;
  path: string;
  /** GET without. */
  method?: string;
  headers?: Readonly<Record<string, string>>;
  /** Shown by who asks. */
  client?: Readonly<{ certificate: string | Buffer; key: string | Buffer }>;
}>;

/** On a connection of its own. */
export function getSecurely(question: SecureQuestion): Promise<{ status: number; text: string }> {
  const { port, path, method = "GET", headers = {}, client } = question;
  const shown = client && { cert: client.certificate, key: client.key };
  const options = {
    host: "127.0.0.1",
    port,
    path,
    method,
    headers,
    ...shown,
    rejectUnauthorized: false,
    agent: false,
  };
  return new Promise((settle, fail) => {
    const sent = request(options, (answer) => {
      let text = "";
      answer.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
      answer.on("end", () => settle({ status: answer.statusCode ?? 0, text }));
    });
    sent.on("error", fail).end();
  });
}
