/** Everything the badge says. Each language has every key. */
export const messages = {
  es: {
    working: "Identificando…",
    known: "Sesión iniciada",
    verified: "Identidad verificada",
    queued: "Guardado, se sincronizará",
    failed: "No pudimos identificarte",
    retry: "Reintentar",
  },
  pt: {
    working: "Identificando…",
    known: "Sessão iniciada",
    verified: "Identidade verificada",
    queued: "Salvo, será sincronizado",
    failed: "Falha ao identificar",
    retry: "Tentar de novo",
  },
  en: {
    working: "Identifying…",
    known: "Signed in",
    verified: "Identity verified",
    queued: "Saved, will be synced",
    failed: "We couldn’t identify you",
    retry: "Try again",
  },
};

export type Language = keyof typeof messages;
export type Messages = (typeof messages)[Language];

/** The badge's language for a language tag such as `pt-BR`: English where it knows no better. */
export function languageOf(tag: string): Language {
  const language = tag.slice(0, 2).toLowerCase();
  return language in messages ? (language as Language) : "en";
}
