/** How the text of an environment variable becomes what a check takes. */

export const asText = (value: string) => value;

export const asNumber = Number;

export const asList = (value: string) =>
  value
    .split(",")
    .map((item) => item.trim())
    .filter(Boolean);

/** `plan,account_id:account` → `{ plan: "plan", account_id: "account" }` */
export const asMap = (value: string) =>
  Object.fromEntries(
    asList(value).map((entry) => {
      const [trait = "", ...key] = entry.split(":").map((part) => part.trim());
      return [trait, key.length === 0 ? trait : key.join(":")];
    }),
  );

/** What is neither true nor false stays a string, which the check then refuses. */
export const asTruth = (value: string) => ({ true: true, false: false })[value.toLowerCase()] ?? value;
