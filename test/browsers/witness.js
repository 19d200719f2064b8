// Stands first in every page and notes what its owner would mind: it is the host page's side of the story.
(() => {
  const noted = { errors: [], rejections: [], violations: [], console: [] };
  const warnings = [];

  addEventListener("error", ({ message }) => noted.errors.push(message));
  addEventListener("unhandledrejection", ({ reason }) => noted.rejections.push(String(reason)));
  document.addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI, sample }) => {
    if (blockedURI.endsWith("/favicon.ico")) return; // the browser's own wish, not a script's
    noted.violations.push(`${violatedDirective} ${blockedURI} ${sample}`);
  });
  const { error, warn } = console;
  console.warn = (...said) => {
    warnings.push(said.join(" "));
    warn.apply(console, said);
  };
  console.error = (...said) => {
    noted.console.push(said.join(" "));
    error.apply(console, said);
  };

  const globals = new Set(Object.getOwnPropertyNames(window));

  /** Every property of every object that scripts share: `Array.prototype map`, `window fetch`, `history pushState`. */
  function everyProperty() {
    const found = new Map();
    const look = (name, object) => {
      for (const key of Reflect.ownKeys(object)) {
        const property = Object.getOwnPropertyDescriptor(object, key);
        if (!property) continue;
        const { value, get, set } = property;
        // Values of the page, such as its title, change all the time; what code is behind them does not.
        found.set(`${name} ${String(key)}`, [typeof value === "function" && value, get, set]);
      }
    };
    for (const name of globals) {
      const { value } = Object.getOwnPropertyDescriptor(window, name) ?? {};
      if (typeof value !== "function" && (typeof value !== "object" || value === null)) continue;
      if (value === window) continue;
      look(name, value);
      if (typeof value === "function" && value.prototype) look(`${name}.prototype`, value.prototype);
    }
    for (const [name, object] of Object.entries({ document, navigator, history, location }))
      look(name, object);
    return found;
  }

  const before = everyProperty();

  window[Symbol.for("witness")] = {
    noted: () => ({
      ...noted,
      globals: Object.getOwnPropertyNames(window).filter((name) => !globals.has(name)),
      cookie: cookie(),
    }),
    warnings: () => warnings,
    takeViolations: () => noted.violations.splice(0),
    changedProperties: () => {
      const now = everyProperty();
      const same = (a, b) => a && b && a.every((part, at) => part === b[at]);
      return [...new Set([...before.keys(), ...now.keys()])].filter(
        (key) => !same(before.get(key), now.get(key)),
      );
    },
  };

  function cookie() {
    try {
      return document.cookie;
    } catch {
      return ""; // a sandbox has none
    }
  }
})();
