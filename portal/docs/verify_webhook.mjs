// Check a webhook with nothing but Node's standard library.
import { createHmac, timingSafeEqual } from "node:crypto";

const TOLERANCE_S = 300;

// Whether we sent this request, and just now. body: a Buffer of the bytes as they arrived, before any JSON is parsed.
export function isGenuine(secret, headers, body) {
  const id = headers["webhook-id"];
  const timestamp = headers["webhook-timestamp"];
  if (!/^\d+$/.test(timestamp) || Math.abs(Date.now() / 1000 - Number(timestamp)) > TOLERANCE_S) return false;
  const key = Buffer.from(secret.replace(/^whsec_/, ""), "base64");
  const digest = createHmac("sha256", key).update(`${id}.${timestamp}.`).update(body).digest("base64");
  const expected = Buffer.from(`v1,${digest}`);
  // After a rotation there are two signatures for a while, separated by a space.
  return headers["webhook-signature"].split(" ").some((text) => {
    const given = Buffer.from(text);
    return given.length === expected.length && timingSafeEqual(given, expected);
  });
}
