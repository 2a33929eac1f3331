/** What starts the server and what it is told; nothing here needs VS Code, so that node alone can test it. */

import * as os from "node:os";
import * as path from "node:path";

/** Languages the models know, by VS Code's names. */
export const LANGUAGES = ["javascript", "javascriptreact", "python", "cpp"] as const;

/** Settings that the server reads; the others start it. */
export const OF_SERVER = ["completion", "items", "inline", "naming", "unusual"] as const;

export interface Start {
  command: string;
  models: string;
  log: string;
}

/** Return the program and its arguments. */
export function server(start: Start, home: string = os.homedir()): { command: string; args: string[] } {
  const args = ["complete", "lsp"];
  if (start.models !== "") args.push("--models", expand(start.models, home));
  if (start.log !== "") args.push("--log", expand(start.log, home));
  return { command: expand(start.command.trim() || "learnsys", home), args };
}

/** Return of all settings those that the server reads, of the section it asked for. */
export function forServer(settings: unknown): Record<string, unknown> {
  const given: Record<string, unknown> = typeof settings === "object" && settings !== null ? { ...settings } : {};
  return Object.fromEntries(OF_SERVER.filter((name) => name in given).map((name) => [name, given[name]]));
}

/** Say what to do when the server cannot be started. */
export function advice(command: string, problem: unknown): string {
  const text = problem instanceof Error ? problem.message : String(problem);
  return /ENOENT/.test(text)
    ? `learnsys: there is no ${command}. Install it (pip install 'learnsys[complete]'), or set learnsys.command to where it is.`
    : `learnsys: ${command} cannot be started: ${text}`;
}

function expand(given: string, home: string): string {
  return given === "~" || given.startsWith("~/") ? path.join(home, given.slice(1)) : given;
}
