// The loss against the score: from scores, and from outputs within a range.

const ENDS = [1, 2, 3, 5, 10, 20]; // of the outputs' range

function render({ model, el }) {
  const { top: given } = model.get("data");
  const ends = [...new Set([...ENDS, given])].sort((a, b) => a - b);
  let [t, top] = [2, given];
  const ten = (z) => DIGITS.map((digit) => (digit ? -z : z));
  const plain = (z) => crossEntropy(ten(z), 0);
  const bounded = (z) => crossEntropy(ten(z).map((each) => top * sigmoid(each)), 0);
  const slope = (loss, z) => (loss(z + 1e-4) - loss(z - 1e-4)) / 2e-4;
  const axis = Array.from({ length: 161 }, (_, i) => -8 + i / 10);
  const drawn = chart({
    x: [-8, 8],
    y: [0, 8],
    xname: "score t of the true digit, −t for the nine others",
    yname: "loss",
    width: 400,
    height: 250,
  });
  const answer = said();
  const facts = note();

  // The slope as a short straight line through the curve.
  function tangent(loss, kind) {
    const by = slope(loss, t);
    return { kind, points: [-1.6, 1.6].map((d) => [t + d, loss(t) + by * d]) };
  }
  function show() {
    const floor = Math.log(1 + 9 * Math.exp(-top));
    const range = `outputs from 0 to ${top}`;
    const [first, second] = [slope(plain, t), slope(bounded, t)];
    drawn.show({
      lines: [
        { name: "loss of the scores", kind: 0, points: axis.map((z) => [z, plain(z)]) },
        { name: `loss of ${range}`, kind: 1, points: axis.map((z) => [z, bounded(z)]) },
        { name: "its floor", kind: 3, points: [[-8, floor], [8, floor]] },
        tangent(plain, 4),
        tangent(bounded, 4),
      ],
      marks: [
        { x: t, y: plain(t), kind: 0 },
        { x: t, y: bounded(t), kind: 1 },
      ],
      say: `At a score of ${fixed(t)} the loss of the scores is ${plain(t).toFixed(3)} with slope ${fixed(first, 3)}, that of ${range} is ${bounded(t).toFixed(3)} with slope ${fixed(second, 3)}; its floor is ${floor.toFixed(3)}.`,
    });
    answer.textContent =
      `At t = ${fixed(t)} the loss of the scores is ${plain(t).toFixed(3)} (slope ${fixed(first, 3)}), ` +
      `that of ${range} is ${bounded(t).toFixed(3)} (slope ${fixed(second, 3)}).`;
    const best = 1 / (1 + 9 * Math.exp(-top));
    facts.textContent = `With ${range} the best probability of the true digit is ${best < 0.9995 ? best.toFixed(3) : "1.000"}, so the loss never falls below ${floor.toPrecision(4)}, however good the model.`;
  }
  const score = slider("Score t", {
    min: -8,
    max: 8,
    step: 0.1,
    value: t,
    words: (z) => fixed(z),
    onchange: (z) => {
      t = z;
      show();
    },
  });
  const range = choice("Outputs from 0 to", ends, {
    value: ends.indexOf(top),
    onchange: (index) => {
      top = ends[index];
      show();
    },
  });
  frame(
    el,
    "The loss, and the range of the outputs",
    score.element,
    range,
    answer,
    make("div", { class: "wide" }, drawn.element),
    facts,
  );
  show();
}

export default { render };
