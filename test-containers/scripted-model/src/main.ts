import { readFile } from "node:fs/promises";

import { parseRules } from "./script.ts";
import { startScriptedModel } from "./server.ts";

const log = (line: object) =>
  process.stdout.write(`${JSON.stringify({ time: new Date().toISOString(), ...line })}\n`);

const { PORT = "9200", HOST = "127.0.0.1", SCRIPT_FILE } = process.env;
const model = await startScriptedModel({
  port: Number(PORT),
  host: HOST,
  rules: SCRIPT_FILE ? parseRules(JSON.parse(await readFile(SCRIPT_FILE, "utf8"))) : [],
  onExchange: (exchange) => log({ msg: "request", ...exchange }),
});
log({ msg: "listening", url: model.url });

for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => void model.close());
