/** One session of the W3C WebDriver protocol, over HTTP. */
export interface WebDriverSession {
  /** Sends a command to a window: the protocol knows only the present one, so each command first makes it that. */
  inWindow(handle: string, method: Method, path: string, body?: unknown): Promise<unknown>;
  newWindow(): Promise<string>;
  end(): Promise<void>;
}

type Method = "GET" | "POST" | "DELETE";

/** A command that takes longer hangs. */
const PATIENCE_MS = 30_000;

/** Begins a session with a driver that listens at `url`. */
export async function beginSession(url: string, capabilities: unknown): Promise<WebDriverSession> {
  const { sessionId } = (await send(`${url}/session`, "POST", {
    capabilities: { alwaysMatch: capabilities },
  })) as { sessionId: string };
  const session = `${url}/session/${sessionId}`;
  const first = (await send(`${session}/window`, "GET")) as string;
  let present = first;
  let last: Promise<unknown> = Promise.resolve();

  const inTurn = <T>(command: () => Promise<T>): Promise<T> => {
    const turn = last.then(command, command);
    last = turn.catch(() => {});
    return turn;
  };

  const switchTo = async (handle: string) => {
    if (present !== handle) await send(`${session}/window`, "POST", { handle });
    present = handle;
  };

  return {
    inWindow: (handle, method, path, body) =>
      inTurn(async () => {
        await switchTo(handle);
        return send(session + path, method, body);
      }),
    newWindow: () =>
      inTurn(async () => {
        // A window that has been closed in the meantime takes no command.
        await switchTo(first);
        // Not a tab: all but one of those would be hidden, and pages rest while they are.
        const window = await send(`${session}/window/new`, "POST", { type: "window" });
        const { handle } = window as { handle: string };
        return handle;
      }),
    end: () => inTurn(async () => void (await send(session, "DELETE"))),
  };
}

async function send(url: string, method: Method, body?: unknown): Promise<unknown> {
  const response = await fetch(url, {
    method,
    body: body === undefined ? null : JSON.stringify(body),
    signal: AbortSignal.timeout(PATIENCE_MS),
  });
  const { value } = (await response.json()) as { value: unknown };
  if (!response.ok) throw new Error(`WebDriver: ${JSON.stringify(value)}`);
  return value;
}
