// Gradient descent by buttons, on a small sample of real digits.

function render({ model, el }) {
  const data = model.get("data");
  const { labels, learn, batch } = data;
  const RATES = [...new Set([0.01, data.rate, 0.1, 1, 10])].sort((a, b) => a - b);
  const count = labels.length;
  const pixels = Float64Array.from(bytes(data.images), (value) => value / 255);
  const pixelsOf = (i) => pixels.subarray(784 * i, 784 * (i + 1));
  let rate = data.rate;
  let weight, bias, steps, history;
  let chosen = learn; // the image whose answer is shown

  const batches = (n) => `${n} batch${n === 1 ? "" : "es"}`;

  // ---- the model
  function scoresFor(i) {
    const x = pixelsOf(i);
    return DIGITS.map((digit) => {
      let z = bias[digit];
      const own = weight[digit];
      for (let k = 0; k < 784; k++) if (x[k]) z += own[k] * x[k];
      return z;
    });
  }
  // Mean loss and share of right answers over images.
  function judge(from, to) {
    let [loss, right] = [0, 0];
    for (let i = from; i < to; i++) {
      const scores = scoresFor(i);
      loss += crossEntropy(scores, labels[i]);
      if (largest(scores) === labels[i]) right += 1;
    }
    return { loss: loss / (to - from), right: right / (to - from) };
  }
  // One step: the gradient of a batch's mean loss is (P − Y)ᵀX / B.
  function learnBatch() {
    const rows = Array.from({ length: batch }, (_, i) => (steps * batch + i) % learn);
    const slopes = rows.map((i) =>
      softmax(scoresFor(i)).map((p, digit) => (p - (digit === labels[i] ? 1 : 0)) / batch),
    );
    rows.forEach((i, r) => {
      const x = pixelsOf(i);
      DIGITS.forEach((digit) => {
        const by = rate * slopes[r][digit];
        const own = weight[digit];
        for (let k = 0; k < 784; k++) if (x[k]) own[k] -= by * x[k];
        bias[digit] -= by;
      });
    });
    steps += 1;
    record();
  }
  function record() {
    history.push({ learned: judge(0, learn), kept: judge(learn, count) });
  }
  function restart() {
    weight = DIGITS.map(() => new Float64Array(784));
    bias = new Float64Array(10);
    [steps, history] = [0, []];
    record();
  }

  // ---- what is on the screen
  const answer = said();
  const images = DIGITS.map(() => picture("small"));
  const lossChart = chart({ x: [0, 25], y: [0, 2.5], xname: "batches", yname: "loss", height: 180 });
  const rightChart = chart({ x: [0, 25], y: [0, 100], xname: "batches", yname: "right (%)", height: 180 });
  const one = picture();
  const oneCaption = make("span");
  const table = tenBars("Probabilities for this image", [
    { name: "probability", words: percent, limit: 1 },
  ]);

  function show(say) {
    const limit = Math.max(...weight.map((own) => Math.max(...own.map(Math.abs))));
    images.forEach((image, digit) => {
      image.signed(weight[digit], limit);
      image.say(`Weights of the digit ${digit}${limit ? "" : ", all 0"}`);
    });
    const { learned, kept } = history[steps];
    const x = [0, Math.max(25, 25 * Math.ceil(steps / 25))];
    const highest = Math.max(...history.map((each) => Math.max(each.learned.loss, each.kept.loss)));
    const lines = (value, named) => [
      { name: named && `the ${learn} images it learns from`, kind: 0, points: history.map((each, i) => [i, value(each.learned)]) },
      { name: named && `${count - learn} others`, kind: 1, points: history.map((each, i) => [i, value(each.kept)]) },
    ];
    const marks = (value) => [
      { x: steps, y: value(learned), kind: 0 },
      { x: steps, y: value(kept), kind: 1 },
    ];
    const loss = (each) => each.loss;
    const right = (each) => 100 * each.right;
    lossChart.rescale(x, [0, Math.max(2.5, 1.1 * highest)]);
    rightChart.rescale(x, [0, 100]);
    lossChart.show({ lines: lines(loss), marks: marks(loss), say: `Loss after ${batches(steps)}: ${learned.loss.toFixed(2)} on the images it learns from, ${kept.loss.toFixed(2)} on others.` });
    rightChart.show({ lines: lines(right, true), marks: marks(right), say: `Right answers after ${batches(steps)}: ${percent(learned.right)} of the images it learns from, ${percent(kept.right)} of others.` });
    const probabilities = softmax(scoresFor(chosen));
    const digit = largest(probabilities);
    one.grey(bytes(data.images).subarray(784 * chosen, 784 * (chosen + 1)));
    one.say(`The chosen image, a ${labels[chosen]}`);
    const rightly = digit === labels[chosen] ? "right" : "wrong";
    const verdict = steps ? `the model says ${digit}: ${rightly}` : "the model cannot tell yet";
    oneCaption.textContent = `image ${chosen - learn + 1} of ${count - learn} others, a ${labels[chosen]}; ${verdict}`;
    table.show([probabilities], steps ? digit : -1);
    if (!say) return;
    answer.textContent =
      `After ${batches(steps)} of ${batch} images: loss ${kept.loss.toFixed(3)}, ` +
      `${percent(kept.right)} right on the others; ${verdict}.`;
  }
  function go(times) {
    for (let i = 0; i < times; i++) learnBatch();
    show(true);
  }
  function turn(by) {
    const others = count - learn;
    chosen = learn + ((chosen - learn + by + others) % others);
    show(true);
  }
  const rates = choice("Learning rate", RATES, {
    value: RATES.indexOf(rate),
    onchange: (index) => (rate = RATES[index]),
  });
  const steppers = [1, 5, 25].map((n) => button(batches(n), () => go(n)));
  frame(
    el,
    "Gradient descent, batch by batch",
    buttons(
      make("span", { "aria-hidden": "true" }, "Learn from"),
      ...steppers,
      button("Start over", () => {
        restart();
        show(true);
      }),
      rates,
    ),
    answer,
    row(
      part(
        weights(...images.map((image, digit) => captioned(image, `weights of ${digit}`))),
        row(
          captioned(one, oneCaption),
          buttons(
            button("← image", () => turn(-1), "Previous image"),
            button("image →", () => turn(1), "Next image"),
          ),
        ),
      ),
      part(lossChart.element, rightChart.element),
      part(table.element),
    ),
  );
  restart();
  show(true);
}

export default { render };
