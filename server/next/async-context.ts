import { AsyncLocalStorage } from "node:async_hooks";

/**
 * Runs a function as if no request had called it. Next.js keeps what it knows of a request in its asynchronous context.
 * An exchange outlives the request that opened it, and its deliveries are no part of that request.
 */
export const outside: <Result>(run: () => Result) => Result = AsyncLocalStorage.snapshot();

type Run = <Result>(run: () => Result) => Result;

const contexts = new WeakMap<Request, Run>();

/** Keeps the present context beside a request, for {@link inItsRequest}. */
export const rememberRequest = (request: Request): void =>
  void contexts.set(request, AsyncLocalStorage.snapshot());

/** Runs the app's own function where `cookies()` and the like know which request they are asked about. */
export const inItsRequest = <Result>(request: Request, run: () => Result): Result =>
  (contexts.get(request) ?? outside)(run);
