/** Under another name than the exchange, which would be taken for one otherwise. */
export const asDoctor = (url: string): string =>
  /[?&]application_name=/.test(url)
    ? url
    : `${url}${url.includes("?") ? "&" : "?"}application_name=vambe-identity-doctor`;
