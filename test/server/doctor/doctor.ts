import { expect } from "vitest";
import { type Environment, runExchange } from "../../support/exchange-process.ts";
import { PASSWORD } from "../../support/postgres.ts";
import { createSecrets } from "../../support/secrets.ts";
import { startWorld, type World, type WorldOptions } from "../../support/world.ts";

export type Mark = "✓" | "!" | "✗" | "–";

/** A line as an operator reads it, with what stands below it. */
interface Line {
  mark: Mark;
  name: string;
  says: string;
  remedy: string;
}

export interface Examined {
  code: number | null;
  text: string;
  lines: Line[];
  /** Expects one line that says all of this. */
  shows(mark: Mark, name: string, says: RegExp, remedy?: RegExp): void;
}

/** Runs the real command. Whatever it says, no secret of the environment may be in it. */
export async function runDoctor(environment: Environment, args: string[] = []): Promise<Examined> {
  const { code, output } = await runExchange(environment, ["doctor", ...args]);
  expect(secretsOf(environment).foundIn(output)).toEqual([]);
  const lines = linesIn(output);
  return {
    code,
    text: output,
    lines,
    shows: (mark, name, says, remedy = /^/) => {
      const named = lines.filter((line) => line.name === name);
      const right = named.filter(
        (line) => line.mark === mark && says.test(line.says) && remedy.test(line.remedy),
      );
      if (right.length === 0)
        throw new Error(`no "${mark} ${name}" that says ${says} and ${remedy}:\n${output}`);
    },
  };
}

function secretsOf(environment: Environment) {
  const named = Object.entries(environment).filter(([name]) => /KEY|SECRET/.test(name));
  // Without letters of its own, a secret that is too short could stand anywhere.
  const values = named.flatMap(([, value]) => value.split(",")).filter((value) => value.length > 5);
  return createSecrets(PASSWORD, ...values);
}

function linesIn(output: string): Line[] {
  const lines: Line[] = [];
  for (const text of output.split("\n")) {
    const [, mark, name = "", says = ""] = /^ {2}([✓!✗–]) (.+?) {2,}(.*)$/.exec(text) ?? [];
    const last = lines.at(-1);
    if (mark) lines.push({ mark: mark as Mark, name, says, remedy: "" });
    else if (last && /^ +→ /.test(text)) last.remedy = text.replace(/^ +→ /, "");
    else if (last && /^ {6,}\S/.test(text)) last[last.remedy ? "remedy" : "says"] += ` ${text.trim()}`;
  }
  return lines;
}

/** A site at which nothing is wrong: its pages are on this machine too. */
const AS_IT_SHOULD_BE: Environment = {
  VAMBE_ALLOWED_ORIGINS: "http://localhost:3000,http://*.localhost:3000",
  VAMBE_WEBCHAT_SECRET: "3f9a8c7e5b1d2046a9c8e7d6f5b4a392",
  VAMBE_STAGE_ID: "0b8f6a52-3c1d-4e7a-8f25-9a4e6d1c7b01",
  VAMBE_AGENT_ID: "c3a7e5d1-92b4-4f60-a8c3-7e1d5b9f2a01",
};

export interface HealthyWorld extends World {
  /** What the exchange runs with, and doctor looks at. */
  environment: Environment;
  doctor(changes?: Environment, args?: string[]): Promise<Examined>;
}

/** An exchange that runs as it should, and a doctor with the same environment, changes aside. */
export async function startHealthyWorld(
  changes: Environment = {},
  options: WorldOptions = {},
): Promise<HealthyWorld> {
  const own = { ...AS_IT_SHOULD_BE, ...changes };
  const world = await startWorld({ ...options, environment: own });
  const environment = {
    VAMBE_API_KEY: world.apiKey,
    VAMBE_API_URL: options.apiUrl ?? world.vambe.url,
    VAMBE_CHANNEL_ID: world.channelId,
    VAMBE_IDENTITY_SECRET: world.secret,
    VAMBE_MAX_RATE: "1000",
    VAMBE_RATE_LIMIT: "0",
    VAMBE_PUBLIC_URL: world.exchange.url,
    VAMBE_DATABASE_URL: `file:${world.database}`,
    ...own,
  };
  return {
    ...world,
    environment,
    doctor: (more, args) => runDoctor({ ...environment, ...more }, args),
  };
}
