import type { Page } from "@playwright/test";

interface Node {
  nodeId: string;
  ignored: boolean;
  role?: { value: string };
  name?: { value: string };
  childIds?: string[];
  properties?: { name: string; value: { value: unknown } }[];
}

/** Roles that a screen reader says nothing about, or says twice. */
const SILENT = ["none", "generic", "InlineTextBox", "LayoutTableCell", "RootWebArea", "paragraph"];

/**
 * What a screen reader finds on the page, as Chromium's own accessibility tree has it: a line for each node, with
 * its name, and in brackets how it speaks up by itself. Indented by depth.
 */
export async function accessibilityTree(page: Page): Promise<string[]> {
  const session = await page.context().newCDPSession(page);
  const { nodes } = (await session.send("Accessibility.getFullAXTree")) as unknown as { nodes: Node[] };
  await session.detach();
  const byId = new Map(nodes.map((node) => [node.nodeId, node]));

  function describe({ role, name, ignored, childIds = [], properties = [] }: Node, depth: number): string[] {
    const said = !ignored && role && !SILENT.includes(role.value);
    const below = childIds
      .map((id) => byId.get(id))
      .flatMap((child) => (child ? describe(child, said ? depth + 1 : depth) : []));
    if (!said) return below;
    const live = properties.find((property) => property.name === "live")?.value.value;
    const line = [role.value, name?.value && `“${name.value}”`, live && `[${live}]`]
      .filter(Boolean)
      .join(" ");
    return ["  ".repeat(depth) + line, ...below];
  }
  const [root] = nodes;
  return root ? describe(root, 0) : [];
}
