/** Whether a URL's host, as `URL` writes it, is this machine by its name alone. */
export const isLoopbackHost = (hostname: string) => /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname);

/** Whether nobody on the way can read or change what is fetched from a URL: https, or http that stays on this machine. */
export const isSecureUrl = ({ protocol, hostname }: URL) =>
  protocol === "https:" || (protocol === "http:" && isLoopbackHost(hostname));
