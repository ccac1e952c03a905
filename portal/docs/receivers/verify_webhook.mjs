// Verify a Tableport webhook with nothing but Node's standard library, 18 or newer.
import { createHmac, timingSafeEqual } from "node:crypto";

const TOLERANCE_S = 300;

/** Not from us, changed on its way, or not fresh. Its message says which; answer 400. */
export class WebhookRefused extends Error {}

/**
 * Returns the event of a genuine request, or throws WebhookRefused.
 * headers: an object or a Headers. body: a Buffer of the bytes as they arrived, before any JSON is parsed.
 * secrets: an array of the endpoint's; two while you rotate them. now: seconds since 1970.
 */
export function verify(headers, body, secrets, now = Date.now() / 1000) {
  const pairs = headers instanceof Headers ? [...headers] : Object.entries(headers);
  const values = new Map(pairs.map(([name, value]) => [name.toLowerCase(), value]));
  const [id, timestamp, signatures] = ["webhook-id", "webhook-timestamp", "webhook-signature"].map((name) => {
    const value = values.get(name);
    if (typeof value !== "string" || value === "") throw new WebhookRefused(`missing header ${name}`);
    return value;
  });
  if (!/^[0-9]{1,12}$/.test(timestamp)) throw new WebhookRefused("malformed timestamp");
  const age = now - Number(timestamp);
  if (Math.abs(age) > TOLERANCE_S) throw new WebhookRefused(age > 0 ? "too old" : "too new");

  const expected = secrets.map((secret) => {
    const digest = createHmac("sha256", keyOf(secret)).update(`${id}.${timestamp}.`).update(body).digest("base64");
    return Buffer.from(`v1,${digest}`);
  });
  // One signature for each secret that is valid at the moment. What is no v1 signature matches none.
  const given = signatures.split(" ").map((text) => Buffer.from(text));
  const isEqual = (one, other) => one.length === other.length && timingSafeEqual(one, other);
  if (!expected.some((one) => given.some((other) => isEqual(one, other)))) {
    throw new WebhookRefused("no matching signature");
  }
  let event = null;
  try {
    event = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
  } catch {
    // told below
  }
  if (event === null || typeof event !== "object") throw new WebhookRefused("malformed body");
  return event;
}

function keyOf(secret) {
  const text = /^whsec_(.+)$/.exec(secret)?.[1] ?? "";
  const key = Buffer.from(text, "base64");
  // An empty key would let anybody sign.
  if (key.length === 0 || key.toString("base64") !== text) throw new WebhookRefused("unusable secret");
  return key;
}
