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
