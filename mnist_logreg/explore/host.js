// The thin host: gives a figure on a page what anywidget gives it in a notebook. Python
// puts this text after the figure's module, and NAME before it.

function host(root) {
  const decode = (name, value) => {
    if (typeof value?.base64 !== "string") return value;
    const text = atob(value.base64);
    return new DataView(Uint8Array.from(text, (c) => c.charCodeAt(0)).buffer);
  };
  const state = JSON.parse(root.querySelector("script[type='application/json']").textContent, decode);
  const listeners = {};
  const model = {
    get: (name) => state[name],
    set(name, value) {
      state[name] = value;
      listeners[`change:${name}`]?.forEach((listener) => listener());
    },
    on: (event, listener) => (listeners[event] ??= new Set()).add(listener),
    off: (event, listener) => listeners[event]?.delete(listener),
    save_changes() {}, // nobody else holds this model
  };
  const el = document.createElement("div");
  root.replaceChildren(el); // in place of the still figure
  render({ model, el });
}

function start() {
  document.querySelectorAll(`[data-explore="${NAME}"]`).forEach(host);
}
if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
else start();
