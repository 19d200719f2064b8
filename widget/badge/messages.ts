import { warn } from "./warn.ts";

/** Everything the badge says. Each language has every key. */
export const messages = {
  es: {
    badge: "Tu sesión",
    working: "Identificando…",
    known: "Sesión iniciada",
    verified: "Identidad verificada",
    acting: "Actúas en su nombre",
    queued: "Guardado, se sincronizará",
    failed: "No pudimos identificarte",
    retry: "Reintentar",
    signout: "¿No eres tú? Salir",
  },
  pt: {
    badge: "Sua sessão",
    working: "Identificando…",
    known: "Sessão iniciada",
    verified: "Identidade verificada",
    acting: "Agindo em seu nome",
    queued: "Salvo, será sincronizado",
    failed: "Falha ao identificar",
    retry: "Tentar de novo",
    signout: "Não é você? Sair",
  },
  en: {
    badge: "Your session",
    working: "Identifying…",
    known: "Signed in",
    verified: "Identity verified",
    acting: "You are acting for them",
    queued: "Saved, will be synced",
    failed: "We couldn’t identify you",
    retry: "Try again",
    signout: "Not you? Sign out",
  },
};

export type Language = keyof typeof messages;
export type Messages = (typeof messages)[Language];

/** The badge's language for a language tag such as `pt-BR`. English, if the badge does not have that language. */
export function languageOf(tag: string): Language {
  const language = tag.slice(0, 2).toLowerCase();
  return language in messages ? (language as Language) : "en";
}

/** The words for a language tag. The site's own words (`data-words`, a JSON object) replace some of them. */
export function wordsFor(tag: string, own = "{}"): Messages {
  const words = messages[languageOf(tag)];
  try {
    return { ...words, ...JSON.parse(own) };
  } catch {
    warn("data-words is not JSON.");
    return words;
  }
}
