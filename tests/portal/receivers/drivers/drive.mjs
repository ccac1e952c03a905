// Runs the Node function on the table; its argument is the folder the function lies in. See languages.py.
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const { verify, WebhookRefused } = await import(pathToFileURL(`${process.argv[2]}/verify_webhook.mjs`));
const bytes = (text) => Buffer.from(text, "base64");

function told(...request) {
  try {
    return JSON.stringify(verify(...request));
  } catch (error) {
    return error instanceof WebhookRefused ? `refused: ${error.message}` : `threw: ${error}`;
  }
}

for (const line of readFileSync(0, "utf-8").trimEnd().split("\n")) {
  const [now, secrets, body, ...fields] = line.split("\t");
  const pairs = fields.map((field) => field.split(":")).map(([name, value]) => [name, bytes(value).toString("latin1")]);
  const rest = [bytes(body), secrets.split(","), Number(now)];
  const answer = told(Object.fromEntries(pairs), ...rest);
  // Headers take neither spaces at an end nor control characters.
  const isPlain = pairs.every(([, value]) => /^[\x21-\x7e](.*[\x21-\x7e])?$/.test(value));
  const again = isPlain ? told(new Headers(pairs), ...rest) : answer;
  console.log(answer === again ? answer : `threw: ${again} with Headers`);
}
