/** Runs in the page: takes the data layer over, keeps its variables, and fires the tag at its event. */
export function startContainer({ id, html, event }) {
  const model = {};
  const isPlain = (value) => Object.prototype.toString.call(value) === "[object Object]";
  const merge = (into, from) => {
    for (const [key, value] of Object.entries(from)) {
      into[key] = isPlain(value) ? merge(isPlain(into[key]) ? into[key] : {}, value) : value;
    }
    return into;
  };
  const take = (message) => {
    merge(model, message);
    if (message.event === event) fire();
  };

  /** One node after the other. Of a script's attributes, only what Google's own container keeps. */
  const insert = (nodes, into) => {
    const node = nodes.shift();
    if (!node) return;
    const next = () => insert(nodes, into);
    if (node.nodeName !== "SCRIPT") {
      into.append(node);
      return next();
    }
    const script = document.createElement("script");
    script.async = false;
    script.type = "text/javascript";
    script.id = node.id;
    script.text = node.text;
    const src = node.getAttribute("data-gtmsrc");
    if (src) {
      script.src = src;
      script.onload = next;
    }
    into.append(script);
    if (!src) next();
  };
  const fire = () => {
    const parsed = document.createElement("div");
    parsed.innerHTML = html;
    insert([...parsed.childNodes], document.body);
  };

  window.google_tag_manager = { [id]: { variable: (name) => model[name] } };
  const push = dataLayer.push.bind(dataLayer);
  dataLayer.push = (...messages) => {
    push(...messages);
    messages.forEach(take);
  };
  const begin = () => [...dataLayer].forEach(take);
  if (document.body) begin();
  else addEventListener("DOMContentLoaded", begin);
}
