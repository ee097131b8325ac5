// An image moved by a few pixels, and what the models make of it.

const REACH = 8; // pixels, either way

function render({ model, el }) {
  const data = model.get("data");
  const models = data.models.map(readModel);
  const image = bytes(data.image);
  let [chosen, right, down] = [0, 0, 0];
  const moved = picture();
  const caption = make("span");
  const map = picture();
  const mapCaption = make("span");
  const answer = said();
  const tableHere = part();
  const ways = Array.from({ length: 2 * REACH + 1 }, (_, i) => i - REACH);
  const answers = ways.map(() => make("td"));
  const heads = ways.map((way) => make("th", { scope: "col" }, fixed(way, 0)));
  const strip = make(
    "div",
    { class: "scrolls", tabindex: 0, role: "region", "aria-label": "Answers at each move to the right" },
    make(
      "table",
      { class: "strip" },
      make("caption", {}, "The answer at each move to the right (left: negative)"),
      make("tbody", {}, make("tr", {}, make("th", { scope: "row" }, "moved by"), ...heads), make("tr", {}, make("th", { scope: "row" }, "answer"), ...answers)),
    ),
  );
  let table;

  function setTable() {
    const { name, output } = models[chosen];
    const columns = {
      softmax: { name: "probability", words: percent, limit: 1 },
      sigmoid: { name: "output (sigmoid)", words: percent, limit: 1 },
      distance: { name: "score 2 m·x − |m|²", words: (z) => fixed(z), signed: true },
    };
    table = tenBars(`The answer of “${name}”`, [columns[output]]);
    tableHere.replaceChildren(table.element);
  }
  const place = () => wayOf(right, down) || "not moved";

  function show() {
    const current = models[chosen];
    const pixels = shifted(image, right, down);
    const scores = scoresOf(current, pixels);
    const digit = largest(scores);
    const parts = evidence(current, pixels, digit);
    moved.grey(pixels);
    moved.say(`The image, ${place()}`);
    caption.textContent = `the image, ${place()}`;
    map.signed(parts, Math.max(...parts.map(Math.abs)), pixels);
    mapCaption.textContent = `evidence for ${digit}: weight × pixel`;
    map.say(`Evidence for ${digit}: its pixels sum to ${fixed(sum(parts))}`);
    table.show([outputsOf(current, scores) ?? scores], digit);
    ways.forEach((way, i) => {
      answers[i].textContent = largest(scoresOf(current, shifted(image, way, down)));
      answers[i].classList.toggle("here", way === right);
      heads[i].classList.toggle("here", way === right);
    });
    const sentence = models.map((each) => answerIn(each, scoresOf(each, pixels))).join("; ");
    answer.textContent = `${right || down ? `Moved ${place()}` : "Not moved"}: ${sentence}`;
  }
  const move = (name, words, change) =>
    slider(name, {
      min: -REACH,
      max: REACH,
      value: 0,
      words,
      onchange: (value) => {
        change(value);
        show();
      },
    });
  const side = (after, before) => (value) =>
    value ? `${counted(Math.abs(value), "pixel")} ${value > 0 ? after : before}` : "0 pixels";
  const across = move("Move right", side("right", "left"), (value) => (right = value));
  const along = move("Move down", side("down", "up"), (value) => (down = value));
  const back = button("Back to the middle", () => {
    [right, down] = [0, 0];
    across.set(0);
    along.set(0);
    show();
  });
  const whose = choice("Answers of", models.map(({ name }) => name), {
    onchange: (index) => {
      chosen = index;
      setTable();
      show();
    },
  });
  frame(
    el,
    "An image moved by a few pixels",
    ...(models.length > 1 ? [whose] : []),
    across.element,
    along.element,
    row(back),
    answer,
    row(pictures(captioned(moved, caption), captioned(map, mapCaption)), tableHere),
    strip,
  );
  setTable();
  show();
}

export default { render };
