// Numbers as people read them.

const UNITS = [[1e9, "s"], [1e6, "ms"], [1e3, "\u00b5s"], [1, "ns"]];

export function unitFor(...values) {
  const greatest = Math.max(...values.filter(Number.isFinite).map(Math.abs));
  return UNITS.find(([ns]) => greatest >= ns) ?? UNITS[3];
}

/** With three digits that count. */
export function delay(ns) {
  if (ns === null || !Number.isFinite(ns)) return "n/a";
  // As it will be read: 999.95 us is 1.00 ms, not 1000 us.
  const rounded = Number(ns.toPrecision(3));
  const [size, name] = unitFor(rounded);
  const value = ns / size;
  const whole = Math.max(1, Math.abs(rounded / size));
  const digits = size === 1 ? 0 : Math.max(0, 2 - Math.floor(Math.log10(whole) + 1e-9));
  return `${value.toFixed(digits)}\u00a0${name}`;
}

/** Digits after the point that a multiple of `step` needs. */
export function digitsOf(step) {
  let digits = 0;
  while (digits < 9 && Math.abs(step * 10 ** digits - Math.round(step * 10 ** digits)) > 1e-6) digits++;
  return digits;
}

/** Time since the first probe, all of an axis in one form: that of its end. */
export function clock(seconds, step, end) {
  if (end < 60) {
    // Of one probe alone there is no end, but a step of its axis.
    const [size, name] = UNITS.find(([ns]) => Math.max(end, step) * 1e9 >= ns) ?? UNITS[3];
    return `${(seconds * 1e9 / size).toFixed(digitsOf(step * 1e9 / size))}\u00a0${name}`;
  }
  const digits = step >= 1 ? 0 : digitsOf(step);
  // Rounded before it is parted: 59.97 s are 1:00.0.
  const moment = Number(seconds.toFixed(digits));
  const whole = Math.floor(moment + 1e-9);
  const two = (value) => String(value).padStart(2, "0");
  const days = Math.floor(whole / 86400);
  const hours = Math.floor(whole / 3600) % 24;
  const minutes = Math.floor(whole / 60) % 60;
  const rest = `${two(whole % 60)}${digits > 0 ? (moment % 1).toFixed(digits).slice(1) : ""}`;
  if (end >= 86400) return `${days}\u00a0d ${two(hours)}:${two(minutes)}`;
  return end >= 3600 ? `${hours}:${two(minutes)}:${rest}` : `${minutes}:${rest}`;
}

/** What a moment is told by: a power of ten that parts one stretch from the next. */
export function stepOf({ x, width }) {
  const end = x[x.length - 1];
  return 10 ** Math.floor(Math.log10(Math.max(1e-9, Math.min(1, end > 0 ? Math.min(width, end / 10) : 1))));
}

export function ninesText(nines) {
  const share = 100 * (1 - 10 ** -nines);
  return `${share.toFixed(Math.max(0, Math.ceil(nines) - 2))}\u00a0%`;
}
