/**
 * A serving certificate that was given as files, read again and again: who renews it replaces the files.
 *
 * Invariant: a pair that does not fit together is never used; what was used last stays in use.
 */
import { createPrivateKey, X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { Clock } from "../../../base/clock.ts";
import { seconds } from "../../../base/units.ts";
import type { Material, MaterialSource } from "../../../serve/certificate/port.ts";
import { wordsOf } from "../message.ts";

export type CertificateFiles = Readonly<{
  certificate: string;
  key: string;
  /** Who signed it, for our APIServices; undefined: their caBundle is someone else's business. */
  authorities: string | undefined;
}>;

const LOOK_EVERY = seconds(10);

export function createFileMaterial(files: CertificateFiles, clock: Clock): MaterialSource {
  return {
    async followMaterial({ use, trouble }, signal) {
      let known = "";
      while (!signal.aborted) {
        const read = await readMaterial(files);
        if (typeof read === "string") trouble(read);
        else if (JSON.stringify(read) !== known) {
          known = JSON.stringify(read);
          use(read);
        }
        await clock.sleep(LOOK_EVERY, signal);
      }
    },
  };
}

/** A text: what is wrong. */
async function readMaterial({ certificate, key, authorities }: CertificateFiles): Promise<Material | string> {
  const texts: string[] = [];
  for (const path of [certificate, key, ...(authorities === undefined ? [] : [authorities])])
    try {
      texts.push(await readFile(path, "utf8"));
    } catch (error) {
      return `${path} cannot be read: ${wordsOf(error)}`;
    }
  const [certificateText = "", keyText = "", authoritiesText = ""] = texts;
  try {
    if (!new X509Certificate(certificateText).checkPrivateKey(createPrivateKey(keyText)))
      return `the key in ${key} is not that of the certificate in ${certificate}`;
  } catch (error) {
    return `${certificate} and ${key} are no certificate and its key: ${wordsOf(error)}`;
  }
  return { certificate: certificateText, key: keyText, authorities: authoritiesText };
}
