// Colours, as the style sheet has them for light and dark, and the scale that was chosen.

export const root = document.documentElement;

export function styleNow() {
  const computed = getComputedStyle(root);
  const of = (name) => computed.getPropertyValue(`--${name}`).trim();
  const names = ["ground", "ink", "faint", "rule", "grid", "rtt", "outbound", "inbound", "loss", "odd"];
  return Object.fromEntries(names.map((name) => [name, of(name)]));
}

/** What all charts are drawn with; whoever changes it has them drawn anew. */
export const look = { scale: "usual", style: styleNow() };

export function alpha(color, share) {
  const number = parseInt(color.slice(1), 16);
  return `rgba(${number >> 16}, ${number >> 8 & 255}, ${number & 255}, ${share})`;
}
