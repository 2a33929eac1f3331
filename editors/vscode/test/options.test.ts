import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";

import { LANGUAGES, OF_SERVER, advice, forServer, server } from "../src/options.js";

const manifest = JSON.parse(readFileSync("package.json", "utf8"));

test("the server is started with what was set", () => {
  assert.deepEqual(server({ command: "learnsys", models: "", log: "" }), { command: "learnsys", args: ["complete", "lsp"] });
  assert.deepEqual(server({ command: " ~/venv/bin/learnsys ", models: "~/models", log: "/tmp/log" }, "/home/me"), {
    command: "/home/me/venv/bin/learnsys",
    args: ["complete", "lsp", "--models", "/home/me/models", "--log", "/tmp/log"],
  });
  assert.equal(server({ command: "  ", models: "", log: "" }).command, "learnsys");
  assert.equal(server({ command: "~other/learnsys", models: "", log: "" }, "/home/me").command, "~other/learnsys");
});

test("the server is told its own settings only", () => {
  assert.deepEqual(forServer({ command: "x", items: 5, unusual: true, trace: { server: "off" } }), { items: 5, unusual: true });
  for (const nothing of [undefined, null, "x", 1]) assert.deepEqual(forServer(nothing), {});
});

test("the manifest declares each setting and wakes for each language", () => {
  const declared = Object.keys(manifest.contributes.configuration.properties).map((name) => name.replace("learnsys.", ""));
  assert.deepEqual(new Set(declared), new Set([...OF_SERVER, "command", "models", "log"]));
  assert.deepEqual(manifest.activationEvents, LANGUAGES.map((language) => `onLanguage:${language}`));
});

test("a missing program is told with what to do", () => {
  assert.match(advice("learnsys", new Error("spawn learnsys ENOENT")), /pip install/);
  assert.match(advice("learnsys", "exit code 2"), /cannot be started: exit code 2/);
});
