// One score: weight times pixel, summing up.

function render({ model, el }) {
  const data = model.get("data");
  const current = readModel(data.model);
  const image = bytes(data.image);
  let { digit } = data;
  let count = 784; // pixels added up
  const [pixels, weights, products] = [picture(), picture(), picture()];
  const [weightCaption, productCaption] = [make("span"), make("span")];
  const step = note();
  const answer = said();
  let curve;

  pixels.grey(image);
  pixels.say("The image, 28 by 28 pixels");

  function setDigit() {
    const own = current.weight.subarray(784 * digit, 784 * (digit + 1));
    const sorted = Array.from(own, Math.abs).sort((a, b) => a - b);
    weights.signed(own, sorted[Math.floor(0.99 * 784)]);
    weights.say(`The weights of the digit ${digit}: red for it, blue against it`);
    weightCaption.textContent = `× weight of ${digit}`;
    const parts = evidence(current, image, digit);
    const sums = [current.bias[digit]];
    parts.forEach((value, i) => sums.push(sums[i] + value));
    const [low, high] = [Math.min(0, ...sums), Math.max(0, ...sums)];
    const margin = 0.06 * (high - low || 1);
    const axes = { x: [0, 784], y: [low - margin, high + margin] };
    const drawn = chart({ ...axes, xname: "pixels added up", yname: "sum so far" });
    if (curve) curve.drawn.element.replaceWith(drawn.element);
    curve = { drawn, own, parts, sums, limit: Math.max(...parts.map(Math.abs)) };
  }

  function show(say) {
    const { drawn, own, parts, sums, limit } = curve;
    products.signed(parts.map((value, i) => (i < count ? value : 0)), limit);
    const total = sums[count];
    productCaption.textContent = "= weight × pixel, so far";
    products.say(`Weight times pixel for the first ${count} pixels`);
    const points = sums.map((value, i) => [i, value]);
    drawn.show({
      lines: [
        { points: points.slice(0, count + 1), kind: 0 },
        { points: points.slice(count), kind: 3 },
      ],
      marks: [{ x: count, y: total, kind: 0 }],
      say: `The sum begins at the bias, ${fixed(sums[0], 2)}, is ${fixed(total, 2)} after ${count} pixels and ends at the score, ${fixed(sums[784], 2)}.`,
    });
    const i = count - 1;
    step.textContent = count % 784
      ? `Pixel ${count} (row ${Math.floor(i / 28) + 1}, column ${(i % 28) + 1}): ` +
          `weight ${fixed(own[i], 2)} × pixel ${fixed(image[i] / 255, 2)} = ${fixed(parts[i], 2)}.`
      : `The sum begins at the bias, ${fixed(sums[0], 2)}; the ${count ? "784 pixels have added" : "pixels will add"} ${fixed(sums[784] - sums[0], 2)}.`;
    if (!say) return;
    answer.textContent =
      count === 784
        ? `The score of ${digit} is ${fixed(total, 2)}.`
        : `The sum so far is ${fixed(total, 2)}.`;
  }
  const whose = choice("Score of", DIGITS, {
    value: digit,
    onchange: (index) => {
      digit = index;
      setDigit();
      show(true);
    },
  });
  const many = slider("Pixels added up", {
    min: 0,
    max: 784,
    value: count,
    onchange: (value) => {
      count = value;
      show(true);
    },
  });
  const jump = (by) => () => {
    count = Math.max(0, Math.min(784, count + by));
    many.set(count);
    show(true);
  };
  setDigit();
  frame(
    el,
    "One score, pixel by pixel",
    whose,
    many.element,
    buttons(button("− a row", jump(-28)), button("+ a row", jump(28))),
    row(
      pictures(
        captioned(pixels, "pixel"),
        captioned(weights, weightCaption),
        captioned(products, productCaption),
      ),
      part(answer, step, curve.drawn.element),
    ),
  );
  show(true);
}

export default { render };
