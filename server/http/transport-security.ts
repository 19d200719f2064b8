/**
 * Tells browsers to come by https alone, where that is how they come (RFC 6797): for a year, and without subdomains,
 * which are not the exchange's. Where the public URL has a path, the host is the site's: this header would take the
 * place of the site's own, which may say more.
 */
export function transportSecurity(publicUrl: string): Record<string, string> {
  const { protocol, pathname } = new URL(publicUrl);
  return protocol === "https:" && pathname === "/" ? { "strict-transport-security": "max-age=31536000" } : {};
}
