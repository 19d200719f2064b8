import { randomBytes } from "node:crypto";
import type { Example } from "./example.ts";
import { FLASK, MARIADB, PHP, PHP_MYSQL, PYTHON, WORDPRESS } from "./programs.ts";
import { prepareWordPress } from "./wordpress.ts";

/** By the name of its folder: one more example is one more entry. */
export const EXAMPLES: Readonly<Record<string, Example>> = {
  node: {
    needs: [],
    npm: true,
    start: () => ["node", "server.js"],
  },
  express: {
    needs: [],
    npm: true,
    exchangeAt: "/identity",
    start: () => ["node", "server.js"],
  },
  next: {
    needs: [],
    npm: true,
    exchangeAt: "/identity",
    environment: { NEXT_TELEMETRY_DISABLED: "1", SESSION_SECRET: randomBytes(32).toString("base64url") },
    build: [["npm", "run", "build"]],
    start: () => ["npm", "start", "--", "--hostname", "localhost"],
    startToWorkOn: () => ["npm", "run", "dev", "--", "--hostname", "localhost"],
  },
  nuxt: {
    needs: [],
    npm: true,
    exchangeAt: "/identity",
    environment: { HOST: "localhost" },
    build: [["npm", "run", "build"]],
    start: () => ["npm", "start"],
  },
  php: {
    needs: [PHP],
    start: ({ port }) => ["php", "-S", `localhost:${port}`, "index.php"],
  },
  flask: {
    needs: [FLASK],
    start: ({ port }) => [PYTHON, "-m", "flask", "--app", "app", "run", "--port", `${port}`],
  },
  wordpress: {
    needs: [PHP, PHP_MYSQL, MARIADB, WORDPRESS],
    fields: ["paying_customer", "order_count", "total_spent"],
    prepare: prepareWordPress,
    start: ({ port }) => ["php", "-S", `localhost:${port}`, "-t", "wordpress", "site/router.php"],
  },
  gtm: {
    needs: [],
    npm: true,
    start: () => ["node", "server.js"],
  },
};
