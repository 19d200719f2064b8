import { setImmediate } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { subscribe } from "../../widget/module/subscribe.ts";

setFlagsFromString("--expose-gc");
const collectGarbage: () => void = runInNewContext("gc");

test("a server that renders a page keeps nothing of it: what has subscribed there is let go of", async () => {
  const listeners: WeakRef<object>[] = [];
  for (let render = 0; render < 100; render++) {
    const listener = () => {};
    listeners.push(new WeakRef(listener));
    // As a component does that never unmounts, since it is rendered to text.
    subscribe(listener);
  }
  await setImmediate();
  collectGarbage();
  expect(listeners.filter((listener) => listener.deref()).length).toBeLessThan(5);
});
