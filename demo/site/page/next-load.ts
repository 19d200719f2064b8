/** What the page says when it is loaded the next time: a log-in opens a new page, as it does on most sites. */
interface NextLoad {
  title: string;
  /** Whose id the page claims, where that is not who is signed in. */
  claimedId?: string;
}

const PLACE = "brujula:next-load";

export function loadAgain(next: NextLoad): void {
  sessionStorage.setItem(PLACE, JSON.stringify(next));
  location.reload();
}

export function takeNextLoad(): NextLoad | null {
  const next = sessionStorage.getItem(PLACE);
  sessionStorage.removeItem(PLACE);
  return next ? JSON.parse(next) : null;
}
