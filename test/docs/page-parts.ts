import { posix } from "node:path";

/** A heading of a page and what stands below it, down to the next. */
export interface Section {
  level: number;
  heading: string;
  /** The lines outside of blocks of code, without those that are empty. */
  lines: string[];
  code: CodeBlock[];
}

export interface CodeBlock {
  language: string;
  text: string;
}

/** The parts of a page of Markdown, in their order. The first has what stands before any heading. */
export function sectionsOf(page: string): Section[] {
  const sections: Section[] = [{ level: 0, heading: "", lines: [], code: [] }];
  const fence = /^ *```(\w*)\n(.*?)^ *```$/gms;
  const blocks = [...page.matchAll(fence)];
  let next = 0;
  for (const line of page.replace(fence, "```").split("\n")) {
    const [, marks, heading] = /^(#+) (.+)$/.exec(line) ?? [];
    if (marks && heading) sections.push({ level: marks.length, heading, lines: [], code: [] });
    const section = sections.at(-1);
    if (!section || heading || line.trim() === "") continue;
    if (line !== "```") section.lines.push(line);
    else section.code.push({ language: blocks[next]?.[1] ?? "", text: blocks[next++]?.[2] ?? "" });
  }
  return sections;
}

/** Of each heading the anchor, as GitHub and npm make them. */
export const anchorsOf = (page: string): string[] =>
  sectionsOf(page)
    .slice(1)
    .map(({ heading }) =>
      heading
        .toLowerCase()
        .replace(/[^\p{L}\p{N}\s_-]/gu, "")
        .replace(/\s/g, "-"),
    );

/** Where links lead to that stand in a page at `path`: a path in the repository, and the anchor. */
export const linksIn = (
  path: string,
  lines: readonly string[],
): { to: string; anchor: string | undefined }[] =>
  [...lines.join("\n").matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = ""]) => {
    const [to = "", anchor] = link.split("#");
    if (/^https?:/.test(to)) return { to, anchor };
    return { to: to ? posix.join(posix.dirname(path), to) : path, anchor };
  });
