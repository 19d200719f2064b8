import { element, showIn } from "./element.ts";
import { type ErrorView, type Fact, LABELS, type View } from "./view.ts";

export interface PanelOptions {
  /** Space-separated: the corner and the theme. */
  classes: string;
  toggle(): void;
  retry(): void;
}

/** A pill that shows the state. When it is pressed, everything else appears beside it. */
export function createPanel({ classes, toggle, retry }: PanelOptions) {
  const light = element("i");
  const state = element("em");
  const pill = element(
    "button",
    { type: "button", className: "pill", onclick: toggle },
    light,
    "vambe-identity ",
    state,
  );

  const hint = element("p");
  const failure = element("section", { className: "error", ariaLabel: "Last error" });
  const facts = LABELS.map((label) => [label, element("div", { className: label.toLowerCase() })] as const);
  const ignored = element("ul");
  const moments = element("ol");
  const ignoredHead = element("h3", {}, "Ignored");
  const momentsHead = element("h3", {}, "Timeline");
  const details = element(
    "div",
    // Without the keyboard's focus, its lower part could not be scrolled to and read.
    { className: "details", tabIndex: 0, role: "group", ariaLabel: "Details" },
    hint,
    failure,
    element("dl", {}, ...facts.map(([, row]) => row)),
    ignoredHead,
    ignored,
    momentsHead,
    moments,
  );
  const root = element(
    "section",
    { className: `inspector ${classes}`, lang: "en", ariaLabel: "vambe-identity inspector" },
    element("h2", {}, pill),
    details,
  );
  root.onkeydown = ({ key }) => {
    if (key !== "Escape" || details.hidden) return;
    toggle();
    pill.focus();
  };

  const showHint = showIn<string>(hint, (text) => [text]);
  const showFailure = showIn<ErrorView>(failure, (error) => failureParts(error, retry));
  const showFacts = facts.map(
    ([label, row]) => [label, showIn<string[]>(row, (lines) => factParts(label, lines))] as const,
  );
  const showIgnored = showIn<View["ignored"]>(ignored, (traits) => traits.map(ignoredItem));
  const showMoments = showIn<View["moments"]>(moments, (all) => all.map(momentItem));

  return {
    root,
    show(view: View, open: boolean) {
      light.className = view.tone;
      state.textContent = view.state;
      pill.ariaExpanded = `${open}`;
      details.hidden = !open;
      showHint(view.hint);
      showFailure(view.error);
      failure.classList.toggle("passed", !!view.error?.passed);
      for (const [label, showFact] of showFacts) showFact(view.facts[label]);
      ignoredHead.hidden = view.ignored.length === 0;
      showIgnored(view.ignored);
      momentsHead.hidden = view.moments.length === 0;
      showMoments(view.moments);
    },
  };
}

const factParts = (label: Fact, lines: string[]) => [
  element("dt", {}, label),
  element("dd", {}, ...lines.map((line) => element("div", {}, line))),
];

const ignoredItem = ({ trait, reason, fix }: View["ignored"][number]) =>
  element("li", {}, element("code", {}, trait), reason, element("small", {}, fix));

const momentItem = ({ time, tone, what, requestId }: View["moments"][number]) =>
  element(
    "li",
    { className: tone },
    element("time", {}, time),
    element("span", {}, what, !!requestId && element("small", {}, requestId)),
  );

function failureParts(
  { code, passed, about, detail, fields, fix, link, canRetry }: ErrorView,
  retry: () => void,
) {
  const head = element("h3", {}, element("code", {}, code), passed && " (has passed)");
  return [
    head,
    element("p", {}, detail),
    fields.length > 0 && element("ul", {}, ...fields.map((field) => element("li", {}, field))),
    element("p", {}, element("b", {}, "To mend it: "), fix),
    !!about && element("small", {}, about),
    element(
      "p",
      { className: "actions" },
      canRetry && element("button", { type: "button", onclick: () => retry() }, "Try again"),
      !!link && element("a", { href: link, target: "_blank", rel: "noreferrer" }, `More about ${code}`),
    ),
  ];
}
