/** The webchat's channel: the page's own setting, or else the exchange's. `undefined` if the exchange does not say. */
export async function channelOf(given: string | undefined, server: string): Promise<string | undefined> {
  if (given) return given;
  try {
    const answer = await fetch(`${server}/webchat.json`);
    return (await answer.json()).channel_id;
  } catch {
    return undefined;
  }
}
