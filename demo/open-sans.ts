import { writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * An environment in which Chromium writes with the font that comes with it, so that a picture has the same
 * letters on every machine. The machine's own fonts stay in reach for what Open Sans lacks, unless it is to be
 * `alone`. `folder` must stay while the browser runs.
 */
export async function withOpenSans(
  folder: string,
  { alone = false } = {},
): Promise<{ FONTCONFIG_FILE: string }> {
  const file = join(folder, "fonts.conf");
  const set = (name: string, value: string) =>
    `<match target="font"><edit name="${name}" mode="assign">${value}</edit></match>`;
  await writeFile(
    file,
    `<?xml version="1.0"?>
    <fontconfig>
      ${alone ? "" : `<include ignore_missing="yes">/etc/fonts/fonts.conf</include>`}
      <dir>${join(tmpdir(), "fonts", "fonts", "Open_Sans")}</dir>
      <cachedir>${folder}</cachedir>
      <match target="pattern">
        <test qual="all" name="family" compare="not_contains"><string>mono</string></test>
        <edit name="family" mode="prepend_first" binding="same"><string>Open Sans</string></edit>
      </match>
      ${set("hintstyle", "<const>hintnone</const>")}
      ${set("rgba", "<const>none</const>")}
    </fontconfig>`,
  );
  return { FONTCONFIG_FILE: file };
}
