// The mean of more and more images of one digit.

function render({ model, el }) {
  const { digit, counts, means, first } = model.get("data");
  const [pixels, firstPixels] = [bytes(means), bytes(first)];
  const mean = picture("large");
  const caption = make("span");
  const images = Array.from({ length: firstPixels.length / 784 }, (_, i) => {
    const small = picture("small");
    small.grey(firstPixels.subarray(784 * i, 784 * (i + 1)));
    small.say(`Image ${i + 1} of the digit ${digit}`);
    return small.element;
  });
  const rest = note();
  const heading = note();
  const answer = said();

  function show(step) {
    const count = counts[step];
    mean.grey(pixels.subarray(784 * step, 784 * (step + 1)));
    mean.say(`Mean of ${counted(count, "image")} of the digit ${digit}`);
    caption.textContent = `mean of ${counted(count, "image")}`;
    const shown = Math.min(count, images.length);
    images.forEach((image, i) => (image.style.display = i < count ? "" : "none"));
    const which = shown === count ? `The ${count}` : `The first ${shown} of the ${count.toLocaleString("en")}`;
    heading.textContent = count === 1 ? "The one image:" : `${which} images:`;
    rest.textContent = count > shown ? `… and ${(count - shown).toLocaleString("en")} more.` : "";
  }
  const words = (step) => counted(counts[step], "image");
  const many = slider("Average of", {
    min: 0,
    max: counts.length - 1,
    value: Math.min(2, counts.length - 1),
    words,
    onchange: (step) => {
      show(step);
      answer.textContent = `Mean of ${words(step)}.`;
    },
  });
  answer.className = "unseen"; // the caption shows it
  frame(
    el,
    `The mean of many images of the digit ${digit}`,
    many.element,
    row(
      captioned(mean, caption),
      part(heading, weights(...images), rest),
    ),
    answer,
  );
  show(Math.min(2, counts.length - 1));
}

export default { render };
