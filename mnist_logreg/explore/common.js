// What the explorable figures share. Python puts this text before a figure's own module,
// so that each figure is one ES module that asks nothing of the network.

const DIGITS = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
const SIDE = 28;

// ---- elements

const SVG = "http://www.w3.org/2000/svg";
const SVG_TAGS = new Set(["svg", "g", "path", "circle", "text"]);

// An element: make("button", { onclick: f, "aria-label": "Undo" }, "↶ Undo").
function make(tag, settings = {}, ...children) {
  const element = SVG_TAGS.has(tag)
    ? document.createElementNS(SVG, tag)
    : document.createElement(tag);
  for (const [name, value] of Object.entries(settings)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

// The frame of a figure. JupyterLab's shortcuts must not take its keys.
function frame(el, name, ...children) {
  const figure = make(
    "div",
    { class: "explore", role: "group", "aria-label": name, "data-lm-suppress-shortcuts": "true" },
    ...children,
  );
  figure.addEventListener("keydown", (event) => event.stopPropagation());
  el.replaceChildren(figure);
}

const boxOf = (name) => (...children) => make("div", { class: name }, ...children);
const [row, part, buttons, pictures, weights] =
  ["row", "part", "buttons", "pictures", "weights"].map(boxOf);
const note = (...children) => make("p", { class: "note" }, ...children);

function button(text, onclick, label) {
  return make("button", { type: "button", onclick, "aria-label": label }, text);
}

// A sentence that screen readers say when it changes.
function said() {
  return make("p", { class: "said", role: "status", "aria-live": "polite" });
}

let made = 0;
const newId = () => `explore-${(made += 1)}-${Math.random().toString(36).slice(2, 8)}`;

// A slider with its name and its value in words: {element, value, set}.
function slider(name, { min, max, step = 1, value, words = String, onchange }) {
  const id = newId();
  const input = make("input", { type: "range", id, min, max, step, value });
  const output = make("output", { for: id });
  const show = () => {
    output.textContent = words(Number(input.value));
    input.setAttribute("aria-valuetext", output.textContent);
  };
  input.addEventListener("input", () => {
    show();
    onchange(Number(input.value));
  });
  show();
  return {
    element: make("div", { class: "slider" }, make("label", { for: id }, name), input, output),
    set(value) {
      input.value = value;
      show();
    },
  };
}

// A choice from a list; onchange gets the index.
function choice(name, options, { value = 0, onchange }) {
  const id = newId();
  const select = make("select", { id, onchange: () => onchange(select.selectedIndex) });
  select.append(...options.map((text) => make("option", {}, String(text))));
  select.selectedIndex = value;
  return make("div", { class: "choice" }, make("label", { for: id }, name), select);
}

// ---- numbers

const minus = (text) => text.replace("-", "−");
const fixed = (value, places = 1) =>
  minus((Math.abs(value) < 0.5 * 10 ** -places ? 0 : value).toFixed(places));
const percent = (p) => (p > 0.999 && p < 1 ? "> 99.9 %" : `${(100 * p).toFixed(1)} %`);
const counted = (n, word) => `${n.toLocaleString("en")} ${word}${n === 1 ? "" : "s"}`;

// Bytes from Python arrive as a DataView.
const bytes = (view) => new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
function floats(view) {
  const length = view.byteLength / 4;
  return Float64Array.from({ length }, (_, i) => view.getFloat32(4 * i, true));
}

const sum = (values) => values.reduce((total, value) => total + value, 0);
const largest = (values) => values.indexOf(Math.max(...values));
const sigmoid = (z) => 1 / (1 + Math.exp(-z));

function softmax(scores) {
  const top = Math.max(...scores);
  const powers = Array.from(scores, (z) => Math.exp(z - top));
  const total = sum(powers);
  return powers.map((power) => power / total);
}

function crossEntropy(outputs, digit) {
  const top = Math.max(...outputs);
  return Math.log(sum(Array.from(outputs, (z) => Math.exp(z - top)))) + top - outputs[digit];
}

// ---- models

function readModel({ name, output, weight, bias }) {
  return { name, output, weight: floats(weight), bias: floats(bias) };
}

// Weight times pixel, for each pixel of an image of bytes: what speaks for a digit.
function evidence(model, image, digit) {
  const weight = model.weight.subarray(784 * digit, 784 * (digit + 1));
  return weight.map((w, i) => (w * image[i]) / 255);
}

function scoresOf(model, image) {
  return DIGITS.map((digit) => sum(evidence(model, image, digit)) + model.bias[digit]);
}

// What the model makes of its scores; the nearest mean makes nothing of them.
function outputsOf(model, scores) {
  if (model.output === "softmax") return softmax(scores);
  return model.output === "sigmoid" ? scores.map(sigmoid) : null;
}

// Who says what: "my model: 3 (98.7 %)".
function answerIn(model, scores) {
  const digit = largest(scores);
  const outputs = outputsOf(model, scores);
  if (!outputs) return `${model.name}: ${digit}`;
  return `${model.name}: ${digit} (${percent(outputs[digit])})`;
}

// ---- pictures

// A picture of 28×28 pixels: {element, grey(bytes), signed(values, limit), say(text)}.
function picture(className = "picture") {
  const canvas = make("canvas", { width: SIDE, height: SIDE, class: className, role: "img" });
  const context = canvas.getContext("2d");
  function paint(colour) {
    const pixels = context.createImageData(SIDE, SIDE);
    for (let i = 0; i < SIDE * SIDE; i++) pixels.data.set([...colour(i), 255], 4 * i);
    context.putImageData(pixels, 0, 0);
  }
  return {
    element: canvas,
    say: (text) => canvas.setAttribute("aria-label", text),
    // Dark ink on white paper.
    grey: (image) => paint((i) => Array(3).fill(255 - image[i])),
    // Red for, blue against, on a scale that is symmetric about zero; ink as a shade.
    signed(values, limit, image) {
      paint((i) => {
        const share = Math.max(-1, Math.min(1, values[i] / (limit || 1)));
        const full = share > 0 ? [178, 24, 43] : [33, 102, 172];
        const paper = image ? 255 - 0.18 * image[i] : 255;
        return full.map((c) => paper + Math.sqrt(Math.abs(share)) * (c - paper));
      });
    },
  };
}

const captioned = (drawn, ...caption) =>
  make("figure", {}, drawn.element, make("figcaption", {}, ...caption));

// Ten rows with a bar for each column: {element, show(columns of ten numbers, marked)}.
// columns: [{name, words, limit?, signed?}]; limit fixes the scale, else it grows.
function tenBars(title, columns) {
  const limits = columns.map(() => 0);
  const rows = DIGITS.map((digit) => {
    const cells = columns.map(({ signed }) => {
      const [value, bar] = [make("data", { class: "value" }), make("span", { class: "bar" })];
      const track = make("span", { class: signed ? "track signed" : "track" }, bar);
      return { value, bar, cell: make("td", {}, make("span", { class: "cell" }, value, track)) };
    });
    const mark = make("span", { class: "mark", "aria-hidden": "true" });
    const head = make("th", { scope: "row" }, mark, String(digit));
    return { cells, mark, line: make("tr", {}, head, ...cells.map(({ cell }) => cell)) };
  });
  const heads = columns.map(({ name }) => make("th", { scope: "col" }, name));
  const element = make(
    "table",
    { class: "bars" },
    make("caption", {}, title),
    make("thead", {}, make("tr", {}, make("th", { scope: "col" }, "digit"), ...heads)),
    make("tbody", {}, ...rows.map(({ line }) => line)),
  );
  function show(values, marked) {
    columns.forEach(({ words, limit, signed }, c) => {
      limits[c] = limit ?? Math.max(limits[c], ...values[c].map(Math.abs), 1e-9);
      rows.forEach(({ cells }, digit) => {
        const { value, bar } = cells[c];
        value.textContent = words(values[c][digit]);
        value.value = values[c][digit]; // unrounded, for machines
        const share = Math.min(1, Math.abs(values[c][digit]) / limits[c]);
        bar.style.width = `${(signed ? 50 : 100) * share}%`;
        bar.classList.toggle("below", values[c][digit] < 0);
      });
    });
    rows.forEach(({ line, mark }, digit) => {
      line.classList.toggle("answer", digit === marked);
      mark.textContent = digit === marked ? "▸ " : "";
    });
  }
  return { element, show };
}

// ---- curves

// A chart of lines over common axes: {element, show({lines, marks, say})}.
// lines: [{name, points: [[x, y]], kind: 0 to 3}]; marks: [{x, y, kind}] are dots.
function chart({ x, y, xname, yname, width = 340, height = 220 }) {
  const [left, right, top, bottom] = [46, 8, 10, 38];
  const px = (value) => left + ((value - x[0]) / (x[1] - x[0])) * (width - left - right);
  const py = (value) =>
    height - bottom - ((value - y[0]) / (y[1] - y[0])) * (height - top - bottom);
  const inside = make("g", {});
  const axes = make("g", { class: "axes" });
  const legend = make("div", { class: "legend", "aria-hidden": "true" });
  const drawing = make(
    "svg",
    { class: "chart", viewBox: `0 0 ${width} ${height}`, role: "img" },
    axes,
    inside,
  );
  function drawAxes() {
    axes.replaceChildren(
      make("path", { d: `M${left} ${top}V${height - bottom}H${width - right}`, class: "axis" }),
      ...ticks(x).map((value) =>
        make("text", { x: px(value), y: height - bottom + 15, class: "middle" }, minus(String(value))),
      ),
      ...ticks(y).flatMap((value) => [
        make("path", { d: `M${left} ${py(value)}H${width - right}`, class: "grid" }),
        make("text", { x: left - 5, y: py(value) + 4, class: "end" }, minus(String(value))),
      ]),
      make("text", { x: (left + width - right) / 2, y: height - 5, class: "middle" }, xname),
      make(
        "text",
        { transform: `translate(11 ${(top + height - bottom) / 2}) rotate(-90)`, class: "middle" },
        yname,
      ),
    );
  }
  const clip = (value) => Math.max(-1e4, Math.min(1e4, value)).toFixed(2);
  const path = (points) =>
    points.map(([a, b], i) => `${i ? "L" : "M"}${clip(px(a))} ${clip(py(b))}`).join("");
  let names = "";
  return {
    element: make("div", { class: "charted" }, drawing, legend),
    // New ends of the axes, when what is drawn has outgrown the old ones.
    rescale(newX, newY) {
      [x, y] = [newX, newY];
    },
    show({ lines, marks = [], say }) {
      drawAxes();
      drawing.setAttribute("aria-label", say);
      inside.replaceChildren(
        ...lines.map(({ points, kind }) =>
          make("path", { d: path(points), class: `line kind${kind}` }),
        ),
        ...marks.map((mark) =>
          make("circle", { cx: px(mark.x), cy: py(mark.y), r: 4.5, class: `dot kind${mark.kind}` }),
        ),
      );
      const named = lines.filter(({ name }) => name);
      if (names === (names = named.map(({ name }) => name).join())) return;
      legend.replaceChildren(
        ...named.map(({ name, kind }) => {
          const d = "M1 5H25";
          const sample = make("svg", { viewBox: "0 0 26 10" }, make("path", { d, class: `line kind${kind}` }));
          return make("span", {}, sample, name);
        }),
      );
    },
  };
}

// Three to six round numbers between two ends.
function ticks([from, to]) {
  const rough = (to - from) / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((n) => n * power).find((n) => n >= rough);
  const found = [];
  for (let i = Math.ceil(from / step - 1e-9); i * step <= to + 1e-9; i++)
    found.push(Number((i * step).toPrecision(6)));
  return found;
}
