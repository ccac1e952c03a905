// Runs the flows of one library: `node run.mjs <o4w|oidc> <JSON: base, clients, callback>`. What a person does is asked for on
// stdout, one JSON object a line, and answered on stdin; the last line names the flows that were completed.
import { createInterface } from "node:readline";

const [library, given] = process.argv.slice(2);
const { base, clients, callback } = JSON.parse(given);
const replies = createInterface({ input: process.stdin })[Symbol.asyncIterator]();

async function person(wish) {
  console.log(JSON.stringify(wish));
  return JSON.parse((await replies.next()).value).location;
}

const { flows } = await import(`./${library}.mjs`);
const done = [];
for (const [name, run] of Object.entries(await flows(base, clients, callback, person))) {
  await run();
  done.push(name);
}
console.log(JSON.stringify({ done }));
process.exit(0);
