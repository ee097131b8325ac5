// Ten scores to move: their sigmoids, their softmax, the loss.

function render({ model, el }) {
  const data = model.get("data");
  let scores = [...data.scores];
  let { label } = data;
  const table = tenBars("What becomes of the scores", [
    { name: "sigmoid", words: (p) => p.toFixed(3), limit: 1 },
    { name: "softmax", words: (p) => p.toFixed(3), limit: 1 },
  ]);
  const sums = note();
  const answer = said();

  function show() {
    const [bent, shares] = [scores.map(sigmoid), softmax(scores)];
    table.show([bent, shares], label);
    sums.textContent = `The ten sigmoids sum to ${sum(bent).toFixed(2)}, the ten softmax probabilities to ${sum(shares).toFixed(2)}.`;
    const loss = crossEntropy(scores, label);
    answer.textContent = `True digit ${label}: softmax gives it p = ${shares[label].toFixed(3)}, so the loss −log p is ${fixed(loss, 3)}.`;
  }
  const sliders = DIGITS.map((digit) =>
    slider(`Score of ${digit}`, {
      min: -10,
      max: 10,
      step: 0.1,
      value: scores[digit],
      words: (z) => fixed(z),
      onchange: (z) => {
        scores[digit] = z;
        show();
      },
    }),
  );
  function setAll(values) {
    scores = values.map((z) => Math.max(-10, Math.min(10, z)));
    sliders.forEach(({ set }, digit) => set(scores[digit]));
    show();
  }
  const truth = choice("True digit", DIGITS, {
    value: label,
    onchange: (digit) => {
      label = digit;
      show();
    },
  });
  frame(
    el,
    "From ten scores to probabilities",
    row(
      part(
        truth,
        buttons(
          button("All + 1", () => setAll(scores.map((z) => z + 1))),
          button("All − 1", () => setAll(scores.map((z) => z - 1))),
          button("All × 2", () => setAll(scores.map((z) => 2 * z))),
          button("All 0", () => setAll(scores.map(() => 0))),
          button("Start over", () => setAll(data.scores)),
        ),
        make("div", { class: "tight" }, ...sliders.map(({ element }) => element)),
      ),
      part(answer, table.element, sums),
    ),
  );
  show();
}

export default { render };
