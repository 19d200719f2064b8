import type { View } from "../../vambe/view.ts";

/** The window into the stand-in: what it knows, as it changes, and its fault switches. */
export function watchVambe(url: string, show: (view: View) => void, live: (connected: boolean) => void) {
  const events = new EventSource(`${url}/view/events`);
  events.onopen = () => live(true);
  events.onerror = () => live(false);
  events.onmessage = ({ data }) => show(JSON.parse(data));

  return {
    async setFault(fault: string): Promise<void> {
      await fetch(`${url}/control/fault`, {
        method: "POST",
        body: JSON.stringify({ fault }),
        headers: { "Content-Type": "application/json" },
      });
    },
  };
}
