import type { View } from "../../vambe/view.ts";

/** The window into the stand-in: what it knows, as it changes, and its switches. */
export function watchVambe(url: string, show: (view: View) => void, live: (connected: boolean) => void) {
  const events = new EventSource(`${url}/view/events`);
  events.onopen = () => live(true);
  events.onerror = () => live(false);
  events.onmessage = ({ data }) => show(JSON.parse(data));

  const control = async (path: string, body: object): Promise<void> => {
    await fetch(`${url}/control/${path}`, {
      method: "POST",
      body: JSON.stringify(body),
      headers: { "Content-Type": "application/json" },
    });
  };

  return {
    setFault: (fault: string) => control("fault", { fault }),
    deleteCustomer: (customer: string) => control("delete", { customer }),
  };
}
