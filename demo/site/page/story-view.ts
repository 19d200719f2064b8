import type { Person } from "../people.ts";
import { element, find, showList } from "./element.ts";
import { type Act, type Calls, callsNobody, type Paragraph } from "./story.ts";
import { fieldsIn } from "./upsert-body.ts";

const OUTCOMES = {
  delivered: "Vambe has it.",
  unchanged: "Vambe has confirmed all of it before.",
  queued: "The exchange keeps it until Vambe takes it.",
  rejected: "Vambe refuses this contact. The exchange's log says why.",
} as const;

/** What was done, what the page was told, and what reached Vambe: cause and effect side by side. */
export function drawStory(paragraphs: readonly Paragraph[], people: readonly Person[]): void {
  find("[data-testid=story-section]").hidden = false;
  showList(
    find("[data-list=story]"),
    paragraphs,
    ({ act }) => String(act?.n ?? "elsewhere"),
    (paragraph) => drawParagraph(paragraph, people),
  );
}

function drawParagraph({ act, calls }: Paragraph, people: readonly Person[]): HTMLElement {
  const { outcome = null, user = null } = act ?? {};
  const callRows = calls.map((each) => callRow(each, people));
  return element(
    "li",
    { "data-testid": "act", "data-kind": act?.user || outcome ? "identify" : "note" },
    element(
      "header",
      {},
      element("b", {}, act?.title ?? "From another tab or an earlier visit"),
      time(act?.at ?? Date.parse(calls[0]?.first.at ?? "")),
    ),
    user || outcome ? row("Page", pageRow(act)) : null,
    ...callRows.map((call) => row("Vambe", call)),
    callsNobody(outcome) && callRows.length === 0
      ? row("Vambe", element("p", { class: "none" }, "no call"))
      : null,
  );
}

function row(who: string, what: HTMLElement): HTMLElement {
  return element("div", { class: "row" }, element("span", { class: "who" }, who), what);
}

function pageRow(act: Act | null): HTMLElement {
  const outcome = act?.outcome;
  if (!outcome) return result("pending", "identifying", "…");
  const took = act.tookMs === null ? "" : `${act.tookMs} ms`;
  if (outcome.kind === "reset") {
    const text = "Forgotten in this browser.";
    return result(
      "plain",
      "reset",
      outcome.reloads ? `${text} So must the chat: the page is loaded anew.` : text,
    );
  }
  if (outcome.kind === "reload") {
    return result("plain", "reload", "The chat knows somebody else, so the widget loads the page anew.");
  }
  if (outcome.kind === "left") return result("plain", "left", "The page was left before the answer came.");
  if (outcome.kind === "error") {
    const { code, detail, page, requestId } = outcome;
    return result(
      code === "superseded" ? "plain" : "bad",
      code === "superseded" ? "retired" : "refused",
      detail,
      page !== undefined &&
        element(
          "small",
          {},
          element("a", { href: page, target: "_blank", rel: "noopener" }, `How to mend ${code}`),
        ),
      details(took, requestId),
    );
  }
  const { status, applied, ignored, requestId } = outcome;
  const tone = status === "rejected" ? "bad" : status === "queued" ? "warn" : "good";
  return result(
    tone,
    status,
    OUTCOMES[status],
    element("small", { "data-testid": "applied" }, `applied ${applied.join(", ") || "nothing"}`),
    ignored.length > 0 &&
      element(
        "small",
        { "data-testid": "ignored", class: "ignored" },
        `ignored ${ignored.map(({ trait, reason }) => `${trait} (${reason})`).join(", ")}`,
      ),
    details(took, requestId),
  );
}

function details(took: string, requestId: string | undefined): HTMLElement {
  return element(
    "small",
    { class: "mono", title: requestId ?? "", "data-request-id": requestId ?? "" },
    [took, requestId && `request ${requestId.slice(0, 8)}…`].filter(Boolean).join(" · "),
  );
}

function callRow({ user, onWhatsapp, first, last, count }: Calls, people: readonly Person[]): HTMLElement {
  const { status } = last;
  const tone = status === null ? "pending" : status < 300 ? "good" : "bad";
  const who = people.find(({ id }) => id === user)?.name ?? user ?? "a contact";
  // The id is whom the line names already.
  const fields = fieldsIn(last).filter(({ value }) => value !== user);
  const call = result(
    tone,
    status === null ? "…" : String(status),
    [
      `upsert ${who}${onWhatsapp ? " on WhatsApp" : ""}`,
      ...fields.map(({ key, value }) => `${key} ${value}`),
    ].join(", "),
    count > 1 && element("small", {}, `${count} times, the first at ${clock(Date.parse(first.at))}`),
    last.message !== null && element("small", {}, last.message),
    last.abandoned && element("small", {}, "The exchange had stopped waiting by then."),
    element(
      "small",
      { class: "mono" },
      clock(Date.parse(last.at)),
      last.tookMs === null ? "" : ` · ${last.tookMs} ms`,
    ),
  );
  call.dataset.testid = "upsert";
  call.dataset.status = status === null ? "pending" : String(status);
  call.dataset.count = String(count);
  call.dataset.user = user ?? "";
  call.dataset.channel = onWhatsapp ? "whatsapp" : "webchat";
  return call;
}

function result(
  tone: string,
  label: string,
  text: string | Node,
  ...more: (HTMLElement | false)[]
): HTMLElement {
  return element(
    "div",
    { class: "result", "data-testid": "outcome", "data-outcome": label },
    element("span", { class: "pill", "data-tone": tone }, label),
    element("p", {}, text, ...more),
  );
}

function time(at: number): HTMLElement {
  return element("time", { datetime: new Date(at).toISOString() }, clock(at));
}

const clock = (at: number) => new Date(at).toLocaleTimeString("en-GB");
