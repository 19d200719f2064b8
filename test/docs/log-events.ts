import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseSync } from "vite";

const SERVER = fileURLToPath(new URL("../../server", import.meta.url));

/** An event as the source has it, with … where something else stands each time. */
export interface LogEvent {
  file: string;
  /** Several where it depends. */
  levels: readonly string[];
  event: string;
  /** Those that the call itself names for this one event: what comes from elsewhere is not seen. */
  fields: readonly string[];
}

interface Node {
  type: string;
  start: number;
  end: number;
  [part: string]: unknown;
}

/** Where an event comes from elsewhere: the file, and what the call says → the file that has the texts. */
const FROM_ELSEWHERE: Readonly<Record<string, string[]>> = {
  "cli/serve.ts warning": ["settings/warnings.ts", "settings/environment.ts"],
  "index.ts warning": ["settings/warnings.ts", "settings/environment.ts"],
  "ledger/postgres/database.ts this.named(warning)": ["ledger/postgres/grants.ts"],
  // They pass on what others log.
  "sampled-log.ts event": [],
  "delivery/deliveries.ts event": [],
};

/** In those files, the functions or tables that have them. */
const TEXTS_IN: Readonly<Record<string, string[]>> = {
  "settings/warnings.ts": ["WARNINGS"],
  "settings/environment.ts": ["strangersIn"],
  "ledger/postgres/grants.ts": ["warningOfTables", "warningOfSchemas"],
};

/** All that the server's sources log. @throws where a text cannot be found */
export function logEvents(): LogEvent[] {
  const files = readdirSync(SERVER, { recursive: true, encoding: "utf8" })
    .map((path) => path.replaceAll("\\", "/"))
    .filter((path) => path.endsWith(".ts") && !path.endsWith(".d.ts"));
  return files.flatMap(eventsIn);
}

function eventsIn(file: string): LogEvent[] {
  const source = readFileSync(`${SERVER}/${file}`, "utf8");
  const program = parseSync(file, source).program as unknown as Node;
  const textOf = ({ start, end }: Node) => source.slice(start, end);
  return nodesIn(program, "CallExpression").flatMap((call) => {
    const levels = levelsOf(call, textOf, program, file);
    const [first, second] = call.arguments as Node[];
    if (!levels || !first) return [];
    const elsewhere = FROM_ELSEWHERE[`${file} ${textOf(first)}`];
    const texts = elsewhere
      ? elsewhere.flatMap((other) => (TEXTS_IN[other] ?? []).flatMap((name) => textsNamed(other, name)))
      : textsOf(first, program);
    if (!texts)
      throw new Error(`server/${file}: where does ${textOf(first)} come from? See ${import.meta.url}`);
    // Of several events that one call logs, each has its own.
    const fields =
      texts.length > 1 ? [] : nodesIn(second, "Property").map(({ key }) => String((key as Node).name));
    return texts.map((event) => ({ file, levels, event, fields }));
  });
}

/** The levels at which a call logs; `undefined` where it does not. */
function levelsOf(
  call: Node,
  textOf: (node: Node) => string,
  program: Node,
  file: string,
): string[] | undefined {
  const callee = call.callee as Node;
  if (callee.type === "MemberExpression") {
    const holder = textOf(callee.object as Node);
    const property = textOf(callee.property as Node).replace("#", "");
    if (/(log|sampled|toldIn)$/i.test(holder)) {
      if (callee.computed) {
        const level = callee.property as Node;
        const from = level.type === "Identifier" ? declared(program, String(level.name)) : level;
        return stringsIn(from).filter((word) => LEVELS.includes(word));
      }
      return LEVELS.includes(property) ? [property] : undefined;
    }
    if (file.startsWith("ledger/") && /^this(\.#tell)?$/.test(holder)) return LEDGERS[property];
    return undefined;
  }
  return file.startsWith("ledger/") && callee.type === "Identifier" ? LEDGERS[textOf(callee)] : undefined;
}

const LEVELS = ["info", "warn", "error"];
/** What the ledger calls what is given to it to tell with. */
const LEDGERS: Readonly<Record<string, string[]>> = { warn: ["warn"], note: ["info"] };

/** The texts that an expression can be; `undefined` where that is not to be seen in its file. */
function textsOf(node: Node, program: Node): string[] | undefined {
  if (node.type === "ConditionalExpression") {
    const both = [node.consequent, node.alternate].map((each) => textsOf(each as Node, program));
    return both.every((texts) => texts) ? both.flatMap((texts) => texts ?? []) : undefined;
  }
  if (node.type === "Literal" || node.type === "TemplateLiteral") return stringsIn(node);
  let root = node;
  while (root.type === "MemberExpression") root = root.object as Node;
  const table = root.type === "Identifier" ? declared(program, String(root.name)) : undefined;
  return table === undefined ? undefined : stringsIn(table);
}

function textsNamed(file: string, name: string): string[] {
  const program = parseSync(file, readFileSync(`${SERVER}/${file}`, "utf8")).program as unknown as Node;
  const found = declared(program, name);
  // Sentences, not the words in between.
  const texts = found ? stringsIn(found).filter((text) => text.split(" ").length > 3) : [];
  if (texts.length === 0) throw new Error(`server/${file} has no texts in ${name}`);
  return texts;
}

/** What a constant of the file is, or what a function returns. */
function declared(program: Node, name: string): unknown {
  const variable = nodesIn(program, "VariableDeclarator").find(({ id }) => (id as Node).name === name);
  const found = nodesIn(program, "FunctionDeclaration").find(({ id }) => (id as Node | null)?.name === name);
  return variable?.init ?? (found && nodesIn(found.body, "ReturnStatement"));
}

/** All texts in there, with … for what else stands in a template. */
function stringsIn(node: unknown): string[] {
  if (Array.isArray(node)) return node.flatMap(stringsIn);
  if (typeof node !== "object" || node === null) return [];
  const { type, value, quasis } = node as Node & { quasis: { value: { cooked: string } }[] };
  // The names in a table are not what it holds.
  if (type === "Property") return stringsIn(value);
  if (type === "Literal") return typeof value === "string" ? [value] : [];
  if (type === "TemplateLiteral") return [quasis.map((part) => part.value.cooked).join("…")];
  return Object.values(node).flatMap(stringsIn);
}

function nodesIn(node: unknown, type: string): Node[] {
  if (Array.isArray(node)) return node.flatMap((each) => nodesIn(each, type));
  if (typeof node !== "object" || node === null) return [];
  const own = "type" in node && node.type === type ? [node as Node] : [];
  return [...own, ...Object.values(node).flatMap((part) => nodesIn(part, type))];
}
