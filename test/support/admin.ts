import type { Found } from "../../server/admin/find.ts";
import type { Shown } from "../../server/admin/page/view.ts";
import type { AdminState } from "../../server/admin/state.ts";
import { freePort } from "./free-port.ts";
import { type RawAnswer, type RawRequest, rawRequest } from "./raw-request.ts";
import { startWorld, type World, type WorldOptions } from "./world.ts";

export interface AdminWorld extends World {
  admin: {
    url: string;
    port: number;
    ask(path: string, options?: RawRequest): Promise<RawAnswer>;
    /** Sends one of the page's forms, with the token that the page has, as a browser without scripts does. */
    submit(form: Record<string, string>, options?: RawRequest): Promise<RawAnswer>;
    state(): Promise<AdminState>;
    /** What the page has found. */
    find(query: string): Promise<Found | undefined>;
  };
}

/** A world whose exchange has the second listener. */
export async function startAdminWorld(options: WorldOptions = {}): Promise<AdminWorld> {
  const port = await freePort();
  const environment = { VAMBE_ADMIN_PORT: `${port}`, ...options.environment };
  const world = await startWorld({ ...options, environment });
  const url = `http://127.0.0.1:${port}`;
  const ask = (path: string, more?: RawRequest) => rawRequest(url + path, more);
  return {
    ...world,
    admin: {
      url,
      port,
      ask,
      submit: async (form, { headers, ...more } = {}) => {
        const formToken = formTokenIn((await ask("/?ask=retry")).text);
        return ask("/act", {
          method: "POST",
          body: new URLSearchParams({ form_token: formToken, ...form }).toString(),
          headers: { "content-type": "application/x-www-form-urlencoded", origin: url, ...headers },
          ...more,
        });
      },
      state: async () => JSON.parse((await ask("/state.json")).text),
      find: async (query) => shownIn((await ask(`/?${new URLSearchParams({ q: query })}`)).text).found,
    },
  };
}

/** What the page has to go on with. */
export const shownIn = (html: string): Shown =>
  JSON.parse(/<script type="application\/json" id="shown">(.*)<\/script>/.exec(html)?.[1] ?? "");

export const formTokenIn = (html: string): string =>
  /name="form_token" value="([^"]+)"/.exec(html)?.[1] ?? "";
