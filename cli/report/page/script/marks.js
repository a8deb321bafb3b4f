// What happened to probes: lost, out of order, twice, beyond what is drawn.
import { alpha, look } from "./look.js";

/** Below the curves: a bar where probes were lost, as high as their share. */
export function losses(u, { x, lost, finished, width }) {
  if (lost === null) return;
  const { ctx, bbox } = u;
  const ratio = devicePixelRatio || 1;
  const least = 2 * ratio;
  ctx.save();
  clip(ctx, bbox);
  x.forEach((at, i) => {
    if (!lost[i]) return;
    const share = Math.min(1, lost[i] / Math.max(1, finished[i]));
    const middle = u.valToPos(at, "x", true);
    const wide = Math.max(least, u.valToPos(at + width, "x", true) - middle);
    ctx.fillStyle = alpha(look.style.loss, 0.1 + 0.15 * share);
    ctx.fillRect(middle - wide / 2, bbox.top, wide, bbox.height);
    const high = (6 * ratio) + share * bbox.height * 0.3;
    ctx.fillStyle = look.style.loss;
    ctx.fillRect(middle - wide / 2, bbox.top + bbox.height - high, wide, high);
  });
  ctx.restore();
}

/** Above them: spikes that are cut off, what came out of order or twice; of few probes how far each reached. */
export function marks(u, { x, reordered, doubled }, rows, high, few) {
  const { ctx, bbox } = u;
  const ratio = devicePixelRatio || 1;
  ctx.save();
  clip(ctx, bbox);
  x.forEach((at, i) => {
    const place = u.valToPos(at, "x", true);
    if (few && rows[6][i] !== null && rows[6][i] > rows[0][i]) {
      const [from, to] = [rows[0][i], rows[6][i]].map((value) => u.valToPos(value, "y", true));
      ctx.fillStyle = alpha(u.series[4]._stroke ?? look.style.rtt, 0.35);
      ctx.fillRect(place - ratio, to, 2 * ratio, from - to);
    }
    if (rows[6][i] !== null && rows[6][i] > high) {
      ctx.fillStyle = look.style.faint;
      triangle(ctx, place, bbox.top + ratio, 3 * ratio, true);
    }
    if (reordered?.[i]) {
      ctx.fillStyle = look.style.odd;
      triangle(ctx, place, bbox.top + bbox.height - 11 * ratio, 5 * ratio, true);
    }
    if (doubled?.[i]) {
      ctx.strokeStyle = look.style.inbound;
      ctx.lineWidth = 1.5 * ratio;
      ctx.beginPath();
      ctx.arc(place, bbox.top + bbox.height - 16 * ratio, 3 * ratio, 0, 7);
      ctx.stroke();
    }
  });
  ctx.restore();
}

function clip(ctx, { left, top, width, height }) {
  ctx.beginPath();
  ctx.rect(left, top, width, height);
  ctx.clip();
}

function triangle(ctx, x, y, size, up) {
  ctx.beginPath();
  ctx.moveTo(x, y);
  ctx.lineTo(x - size, y + (up ? size * 1.6 : -size * 1.6));
  ctx.lineTo(x + size, y + (up ? size * 1.6 : -size * 1.6));
  ctx.fill();
}
