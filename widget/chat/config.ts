type Config = Record<string, unknown>;

let config: Config;
/** All that was put in and counts now. */
let values: Config = {};

function write() {
  for (const name in values) {
    const value = values[name];
    const done = value ? Reflect.set(config, name, value) : Reflect.deleteProperty(config, name);
    // A frozen object: a copy takes its place.
    if (!done) config = { ...config, ...values };
  }
}

/**
 * Puts values into the webchat's configuration, `window.embeddedWebchatConfig`, and takes those out that are
 * `undefined`. Nothing else in it changes: what stands there overrides Vambe's dashboard. A page may freeze the object,
 * or assign another one later.
 */
export function configureWebchat(more: Config): void {
  if (!config) {
    config = Object((window as { embeddedWebchatConfig?: Config }).embeddedWebchatConfig);
    Reflect.defineProperty(window, "embeddedWebchatConfig", {
      configurable: true,
      get: () => config,
      set(next) {
        config = Object(next);
        write();
      },
    });
  }
  values = { ...values, ...more };
  write();
}
