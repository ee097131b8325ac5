// From strokes to an image as MNIST's makers made theirs: the rule of drawing.py, word
// for word, on whole numbers. A stroke is a list of points [x, y] from 0 to PAD - 1.

const PAD = 280;
const RADIUS = 12;
const BOX = 20;
const FRAME = 28;

function inkOf(strokes) {
  const ink = new Uint8Array(PAD * PAD);
  for (const stroke of strokes) {
    if (stroke.length === 1) addLine(ink, stroke[0], stroke[0]);
    for (let i = 1; i < stroke.length; i++) addLine(ink, stroke[i - 1], stroke[i]);
  }
  return ink;
}

// A straight line, drawn with the round pen.
function addLine(ink, [x0, y0], [x1, y1]) {
  const [dx, dy] = [x1 - x0, y1 - y0];
  const length = dx * dx + dy * dy; // squared, like all distances here
  const near = RADIUS * RADIUS;
  const top = Math.max(Math.min(y0, y1) - RADIUS, 0);
  const bottom = Math.min(Math.max(y0, y1) + RADIUS, PAD - 1);
  const left = Math.max(Math.min(x0, x1) - RADIUS, 0);
  const right = Math.min(Math.max(x0, x1) + RADIUS, PAD - 1);
  for (let y = top; y <= bottom; y++) {
    for (let x = left; x <= right; x++) {
      const along = (x - x0) * dx + (y - y0) * dy;
      const across = (x - x0) * dy - (y - y0) * dx;
      const beside =
        length > 0 && along >= 0 && along <= length && across * across <= near * length;
      const atStart = (x - x0) ** 2 + (y - y0) ** 2 <= near;
      const atEnd = (x - x1) ** 2 + (y - y1) ** 2 <= near;
      if (beside || atStart || atEnd) ink[y * PAD + x] = 1;
    }
  }
}

// Scale ink to fit the box, and set its centre of mass in the frame's centre.
function framed(ink) {
  const frame = new Uint8Array(FRAME * FRAME);
  let [top, bottom, left, right] = [PAD, -1, PAD, -1];
  for (let y = 0; y < PAD; y++) {
    for (let x = 0; x < PAD; x++) {
      if (!ink[y * PAD + x]) continue;
      [top, bottom] = [Math.min(top, y), Math.max(bottom, y)];
      [left, right] = [Math.min(left, x), Math.max(right, x)];
    }
  }
  if (bottom < 0) return frame;
  const [height, width] = [bottom - top + 1, right - left + 1];
  const longer = Math.max(height, width);
  const down = shares(height, longer);
  const across = shares(width, longer);
  const area = longer * longer;
  const digit = down.map((rows) =>
    across.map((columns) => {
      let mass = 0;
      for (const [y, tall] of rows)
        for (const [x, wide] of columns)
          mass += tall * wide * ink[(top + y) * PAD + left + x];
      return Math.floor((2 * 255 * mass + area) / (2 * area));
    }),
  );
  const rowMass = digit.map(sum);
  const columnMass = across.map((_, x) => sum(digit.map((row) => row[x])));
  const [y0, x0] = [offset(rowMass), offset(columnMass)];
  digit.forEach((row, y) => frame.set(row, (y0 + y) * FRAME + x0));
  return frame;
}

// For each pixel the units that lie in it, with their share: [[unit, share], ...].
// A unit is BOX wide and a pixel `longer`, so that `longer` units fill BOX pixels.
function shares(size, longer) {
  const pixels = Math.ceil((size * BOX) / longer);
  return Array.from({ length: pixels }, (_, pixel) => {
    const found = [];
    for (let unit = 0; unit < size; unit++) {
      const end = Math.min((pixel + 1) * longer, (unit + 1) * BOX);
      const overlap = end - Math.max(pixel * longer, unit * BOX);
      if (overlap > 0) found.push([unit, overlap]);
    }
    return found;
  });
}

function offset(mass) {
  let [total, twice] = [0, 0];
  mass.forEach((value, i) => {
    total += value;
    twice += (2 * i + 1) * value; // 2 * centre * total
  });
  const offset = Math.floor(((FRAME + 1) * total - twice) / (2 * total));
  return Math.min(Math.max(offset, 0), FRAME - mass.length);
}

// How far an image was moved, in words: "2 right, 1 up"; nothing if it was not.
function wayOf(right, down) {
  const across = right && `${Math.abs(right)} ${right > 0 ? "right" : "left"}`;
  const along = down && `${Math.abs(down)} ${down > 0 ? "down" : "up"}`;
  return [across, along].filter(Boolean).join(", ");
}

// Move an image; what leaves the frame is lost, what enters is paper.
function shifted(image, right, down) {
  const moved = new Uint8Array(FRAME * FRAME);
  for (let y = 0; y < FRAME; y++) {
    for (let x = 0; x < FRAME; x++) {
      const [fromX, fromY] = [x - right, y - down];
      const inside = fromX >= 0 && fromX < FRAME && fromY >= 0 && fromY < FRAME;
      if (inside) moved[y * FRAME + x] = image[fromY * FRAME + fromX];
    }
  }
  return moved;
}
