/** One of the widget's files, as it stands in the code. */
export interface BuiltFile {
  /** Its text, compressed with brotli, in base64. */
  br: string;
  etag: string;
  /** For the `integrity` attribute of a script tag. */
  integrity: string;
}
