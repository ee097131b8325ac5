// The drawing pad.

const STEP = 10; // units of the pad that an arrow key moves the pen: about a pixel

function render({ model, el }) {
  const { models: given, examples } = model.get("data");
  const models = given.map(readModel);
  let strokes = model.get("strokes");
  let shift = model.get("shift");
  let ink = inkOf(strokes);
  let chosen = 0; // which model's scores are shown
  let asked = -1; // the digit whose evidence is shown; -1: the answer
  const past = []; // what Undo goes back to
  const pen = { x: 140, y: 50, down: false, shown: false };

  // ---- what is on the screen
  const help = make(
    "p",
    { class: "note", id: newId() },
    "Draw large, with mouse, finger or pen. By keyboard: the arrow keys move the pen, Space puts it down and lifts it.",
  );
  const canvas = make("canvas", {
    class: "pad",
    width: 2 * PAD,
    height: 2 * PAD,
    tabindex: 0,
    role: "application",
    "aria-roledescription": "drawing pad",
    "aria-label": "Draw a digit",
    "aria-describedby": help.id,
  });
  const penSaid = make("p", { class: "unseen", role: "status", "aria-live": "polite" });
  const answer = said();
  const seen = picture();
  const map = picture();
  const mapCaption = make("span");
  const scoreNote = note();
  const tableHere = make("div");
  let table;

  const undo = button("↶ Undo", goBack);
  const clear = button("Clear", () => change([], [0, 0]));
  const moved = make("span", { class: "moved" });
  const moves = make(
    "div",
    { class: "moves", role: "group", "aria-label": "Move the image by a pixel" },
    make("span", { "aria-hidden": "true" }, "Move"),
    button("←", () => move(-1, 0), "Move left"),
    button("→", () => move(1, 0), "Move right"),
    button("↑", () => move(0, -1), "Move up"),
    button("↓", () => move(0, 1), "Move down"),
    moved,
  );
  const start = make(
    "div",
    { class: "examples", role: "group", "aria-label": "Start from an example" },
    make("span", { "aria-hidden": "true" }, "Start from an example"),
    ...Object.keys(examples).map((digit) =>
      button(digit, () => change(examples[digit], [0, 0]), `Example ${digit}`),
    ),
  );
  const whose = choice("Scores of", models.map(({ name }) => name), {
    onchange: (index) => {
      chosen = index;
      setTable();
      show(true);
    },
  });
  const evidenceFor = choice("Evidence for", ["the answer", ...DIGITS], {
    onchange: (index) => {
      asked = index - 1;
      show(false);
    },
  });
  frame(
    el,
    "Drawing pad",
    row(
      make("div", { class: "hand" }, canvas, answer, row(undo, clear), moves, start, help),
      make(
        "div",
        { class: "row answers" },
        part(
          pictures(captioned(seen, "what the models see"), captioned(map, mapCaption)),
          evidenceFor,
        ),
        part(...(models.length > 1 ? [whose] : []), tableHere, scoreNote),
      ),
    ),
    penSaid,
  );

  function setTable() {
    const { name, output } = models[chosen];
    const columns = [{ name: "score", words: (z) => fixed(z), signed: true }];
    const second = { softmax: "probability", sigmoid: "output (sigmoid)" }[output];
    if (second) columns.push({ name: second, words: percent, limit: 1 });
    table = tenBars(`Scores of “${name}”`, columns);
    tableHere.replaceChildren(table.element);
    scoreNote.textContent = {
      distance:
        "score = 2 m·x − |m|²: the higher, the smaller the squared distance |x − m|² of the image x to that digit’s mean m.",
      softmax: "The ten probabilities sum to 1.",
      sigmoid: "Each output stands for itself: they need not sum to 1.",
    }[output];
  }

  // ---- drawing
  function drawPad() {
    const context = canvas.getContext("2d");
    context.setTransform(2, 0, 0, 2, 0, 0);
    context.fillStyle = "#fff";
    context.fillRect(0, 0, PAD, PAD);
    context.lineCap = context.lineJoin = "round";
    context.lineWidth = 2 * RADIUS + 1;
    context.strokeStyle = "#111";
    for (const stroke of strokes) {
      context.beginPath();
      // The first point twice, so that a stroke of one point is a dot.
      [stroke[0], ...stroke].forEach(([x, y]) => context.lineTo(x + 0.5, y + 0.5));
      context.stroke();
    }
    if (!pen.shown) return;
    context.lineWidth = 3;
    context.strokeStyle = pen.down ? "#d55e00" : "#0072b2";
    context.setLineDash(pen.down ? [] : [5, 4]);
    context.beginPath();
    context.arc(pen.x + 0.5, pen.y + 0.5, RADIUS + 4, 0, 2 * Math.PI);
    context.stroke();
    context.setLineDash([]);
  }

  // Show everything; with `say`, the answer is said too.
  function show(say) {
    drawPad();
    const image = shifted(framed(ink), ...shift);
    const blank = image.every((pixel) => pixel === 0);
    const current = models[chosen];
    const scores = scoresOf(current, image);
    const outputs = outputsOf(current, scores);
    const digit = asked < 0 ? largest(scores) : asked;
    const parts = evidence(current, image, digit);
    seen.grey(image);
    seen.say(`What the models see: ${blank ? "an empty image" : "the drawing, 28 by 28 pixels"}`);
    map.signed(parts, Math.max(...parts.map(Math.abs)), image);
    const [pro, contra] = [sum(parts.filter((v) => v > 0)), sum(parts.filter((v) => v < 0))];
    mapCaption.textContent = `evidence for ${digit}: weight × pixel, red for, blue against`;
    map.say(
      `Evidence for ${digit}: pixels for it sum to ${fixed(pro)}, pixels against it to ${fixed(contra)}; ` +
        `with the bias of ${fixed(current.bias[digit])} its score is ${fixed(scores[digit])}.`,
    );
    table.show(outputs ? [scores, outputs] : [scores], blank ? -1 : largest(scores));
    undo.disabled = !past.length;
    const way = wayOf(...shift);
    moved.textContent = way ? `moved: ${way}` : "";
    if (!say) return;
    const answers = models.map((each) => answerIn(each, scoresOf(each, image)));
    answer.textContent = blank ? "Nothing is drawn." : answers.join("; ");
  }

  // ---- changes
  function keep() {
    past.push([strokes, shift]);
    if (past.length > 200) past.shift();
  }
  let sending = false;
  function send() {
    sending = true;
    model.set("strokes", strokes);
    model.set("shift", shift);
    sending = false;
    model.save_changes();
    show(true);
  }
  function put(newStrokes, newShift) {
    pen.down = false;
    [strokes, shift] = [newStrokes, newShift];
    ink = inkOf(strokes);
    send();
  }
  function change(newStrokes, newShift) {
    keep();
    put(newStrokes, newShift);
  }
  function goBack() {
    if (past.length) put(...past.pop());
  }
  function move(right, down) {
    const [x, y] = [shift[0] + right, shift[1] + down];
    if (Math.abs(x) < SIDE && Math.abs(y) < SIDE) change(strokes, [x, y]);
  }

  // ---- a stroke, by hand or by key
  function begin(point) {
    keep();
    strokes = [...strokes, [point]];
    addLine(ink, point, point);
    show(false);
  }
  function draw(point) {
    const stroke = strokes[strokes.length - 1];
    const last = stroke[stroke.length - 1];
    if (last[0] === point[0] && last[1] === point[1]) return;
    addLine(ink, last, point);
    strokes = [...strokes.slice(0, -1), [...stroke, point]];
  }

  const within = (value) => Math.max(0, Math.min(PAD - 1, Math.floor(value)));
  function pointOf(event) {
    const box = canvas.getBoundingClientRect();
    const scale = PAD / box.width;
    return [within((event.clientX - box.left) * scale), within((event.clientY - box.top) * scale)];
  }
  let pointer = null; // the one that draws
  canvas.addEventListener("pointerdown", (event) => {
    if (pointer !== null || event.button > 0) return;
    event.preventDefault();
    canvas.focus({ preventScroll: true });
    pointer = event.pointerId;
    canvas.setPointerCapture(pointer);
    pen.down = pen.shown = false;
    begin(pointOf(event));
  });
  canvas.addEventListener("pointermove", (event) => {
    if (event.pointerId !== pointer) return;
    const events = event.getCoalescedEvents?.() ?? [];
    (events.length ? events : [event]).forEach((each) => draw(pointOf(each)));
    show(false);
  });
  function lift(event) {
    if (event.pointerId !== pointer) return;
    pointer = null;
    send();
  }
  canvas.addEventListener("pointerup", lift);
  canvas.addEventListener("pointercancel", lift);

  const ways = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  canvas.addEventListener("keydown", (event) => {
    const way = ways[event.key];
    if (way) {
      pen.shown = true;
      pen.x = within(pen.x + STEP * way[0]);
      pen.y = within(pen.y + STEP * way[1]);
      if (pen.down) draw([pen.x, pen.y]);
      show(false);
    } else if (event.key === " ") {
      pen.shown = true;
      pen.down = !pen.down;
      if (pen.down) begin([pen.x, pen.y]);
      else send();
    } else if (event.key === "z" && (event.ctrlKey || event.metaKey)) {
      goBack();
    } else {
      return;
    }
    event.preventDefault();
    const place = `column ${Math.round(pen.x / STEP)}, row ${Math.round(pen.y / STEP)}`;
    penSaid.textContent = `Pen ${pen.down ? "down" : "up"}, ${place} of ${PAD / STEP}`;
  });
  canvas.addEventListener("focus", () => {
    pen.shown = canvas.matches(":focus-visible");
    drawPad();
  });
  canvas.addEventListener("blur", () => {
    const drawing = pen.down;
    pen.down = pen.shown = false;
    if (drawing) send();
    else drawPad();
  });

  // ---- changed from Python, or in another view of the same pad
  function fromOutside() {
    if (sending || pointer !== null || pen.down) return;
    if (model.get("strokes") === strokes && model.get("shift") === shift) return;
    [strokes, shift] = [model.get("strokes"), model.get("shift")];
    ink = inkOf(strokes);
    show(true);
  }
  model.on("change:strokes", fromOutside);
  model.on("change:shift", fromOutside);

  setTable();
  show(true);
  return () => {
    model.off("change:strokes", fromOutside);
    model.off("change:shift", fromOutside);
  };
}

export default { render };
