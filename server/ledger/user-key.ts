/** Whose row it is. */
export interface UserKey {
  channelId: string;
  userId: string;
}

/** The key as one text, for maps. A channel id has no blanks, so no two keys have the same. */
export const nameOf = ({ channelId, userId }: UserKey): string => `${channelId} ${userId}`;

/** Those users that are not among others. */
export function notAmong(users: readonly UserKey[], others: readonly UserKey[]): UserKey[] {
  const names = new Set(others.map(nameOf));
  return users.filter((user) => !names.has(nameOf(user)));
}
