/** Starts `learnsys complete lsp` and lets VS Code talk with it. */

import * as vscode from "vscode";
import { LanguageClient } from "vscode-languageclient/node";

import { LANGUAGES, advice, forServer, server } from "./options.js";

let client: LanguageClient | undefined;

export async function activate(context: vscode.ExtensionContext): Promise<void> {
  context.subscriptions.push(vscode.commands.registerCommand("learnsys.restart", restart));
  await start();
}

export async function deactivate(): Promise<void> {
  await client?.stop();
  client = undefined;
}

async function restart(): Promise<void> {
  await deactivate();
  await start();
}

async function start(): Promise<void> {
  const settings = vscode.workspace.getConfiguration("learnsys");
  const { command, args } = server({
    command: settings.get("command", "learnsys"),
    models: settings.get("models", ""),
    log: settings.get("log", ""),
  });
  const created = new LanguageClient(
    "learnsys",
    "learnsys",
    { command, args },
    {
      documentSelector: LANGUAGES.flatMap((language) => [
        { language, scheme: "file" },
        { language, scheme: "untitled" },
      ]),
      middleware: {
        workspace: {
          configuration: async (params, token, next) => {
            const found = await next(params, token);
            return Array.isArray(found) ? found.map(forServer) : found;
          },
        },
      },
    },
  );
  try {
    await created.start();
    client = created;
  } catch (problem) {
    void vscode.window.showErrorMessage(advice(command, problem));
  }
}
