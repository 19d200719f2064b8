const NAMES = {
  400: "Bad Request",
  401: "Unauthorized",
  404: "Not Found",
  429: "Too Many Requests",
  500: "Internal Server Error",
} as const;

/** An error in the form that Nest, on which Vambe's API runs, gives it. */
export class Refusal extends Error {
  readonly status: keyof typeof NAMES;
  readonly headers: Record<string, string>;

  constructor(status: keyof typeof NAMES, message: string, headers: Record<string, string> = {}) {
    super(message);
    this.name = "Refusal";
    this.status = status;
    this.headers = headers;
  }

  toResponse(): Response {
    const body = { statusCode: this.status, message: this.message, error: NAMES[this.status] };
    return Response.json(body, { status: this.status, headers: this.headers });
  }
}
