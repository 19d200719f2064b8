/** What an app that mounts the exchange has in hand. Types alone, which need no library's. */

/** What the server in front knows of a request beside its headers. */
export interface Connection {
  /**
   * The other end's IP address: the visitor's, or the nearest proxy's (see `trustProxy`). Without it no limit counts by
   * address.
   */
  address?: string | undefined;
}

export interface Exchange {
  /**
   * Answers one request, whatever happens: an error is an answer too, and it never rejects. Mount it where `publicUrl`
   * points.
   */
  fetch(request: Request, connection?: Connection): Promise<Response>;
  /**
   * Resolves when the database is open; rejects with why the first attempt failed. It may be ignored: an exchange whose
   * database cannot be opened answers 503, and goes on trying.
   */
  readonly ready: Promise<void>;
  /**
   * Lets what is under way end, at most about ten seconds, and closes the database. What is queued stays there. Call it
   * when the app's own server has stopped. It never rejects.
   */
  close(): Promise<void>;
}

/** As much of an `IncomingMessage` of `node:http` as the exchange looks at; Express's and Connect's requests are such. */
export interface NodeRequest {
  method?: string | undefined;
  url?: string | undefined;
  headers: Record<string, string | string[] | undefined>;
}

/** A `ServerResponse` of `node:http`, or what a framework has made of it. */
export interface NodeResponse {
  statusCode: number;
  writableEnded: boolean;
}

/** Takes a request of `node:http`, and hands on what is not the exchange's where there is a `next`. It never throws. */
export type NodeListener = (
  request: NodeRequest,
  response: NodeResponse,
  next?: (error?: unknown) => void,
) => void;

/** Variables and their values, as `process.env` has them. */
export type Environment = Readonly<Record<string, string | undefined>>;
