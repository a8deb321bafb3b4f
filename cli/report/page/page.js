// Draws the charts of a page from the numbers that are written into it. Nothing is fetched: the page's own policy forbids
// it. `uPlot` is in the same element, before this.
"use strict";
(() => {
  const root = document.documentElement;
  const sessions = JSON.parse(document.getElementById("data").textContent);
  const SMALL = 60;
  const UNITS = [[1e9, "s"], [1e6, "ms"], [1e3, "\u00b5s"], [1, "ns"]];
  /** Round times of clocks, seconds. */
  const TIME_STEPS = [
    ...[1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1].flatMap((power) => [power, 2 * power, 5 * power]),
    ...[1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200],
    ...[1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000].map((days) => 86400 * days),
  ];
  const charts = [];
  let scale = "usual";
  let style = styleNow();

  function styleNow() {
    const computed = getComputedStyle(root);
    const of = (name) => computed.getPropertyValue(`--${name}`).trim();
    const names = ["ground", "ink", "faint", "rule", "grid", "rtt", "outbound", "inbound", "loss", "odd"];
    return Object.fromEntries(names.map((name) => [name, of(name)]));
  }

  function alpha(color, share) {
    const number = parseInt(color.slice(1), 16);
    return `rgba(${number >> 16}, ${number >> 8 & 255}, ${number & 255}, ${share})`;
  }

  function unitFor(...values) {
    const greatest = Math.max(...values.filter(Number.isFinite).map(Math.abs));
    return UNITS.find(([ns]) => greatest >= ns) ?? UNITS[3];
  }

  /** With three digits that count. */
  function delay(ns) {
    if (ns === null || !Number.isFinite(ns)) return "n/a";
    const [size, name] = unitFor(ns);
    const value = ns / size;
    const digits = size === 1 ? 0 : Math.max(0, 2 - Math.floor(Math.log10(Math.max(1, Math.abs(value)))));
    return `${value.toFixed(digits)}\u00a0${name}`;
  }

  /** As many digits as the step between two needs. */
  function axisDelays(u, splits, _axis, _space, step) {
    const [size, name] = unitFor(u.scales.y.min, u.scales.y.max);
    // Of a log scale uPlot leaves some out: those are null.
    const fine = u.scales.y.distr === 3 ? null : digitsOf(step / size);
    return splits.map((value) =>
      value === null ? "" : fine === null ? delay(value) : `${(value / size).toFixed(fine)}\u00a0${name}`
    );
  }

  /** Digits after the point that a multiple of `step` needs. */
  function digitsOf(step) {
    let digits = 0;
    while (digits < 9 && Math.abs(step * 10 ** digits - Math.round(step * 10 ** digits)) > 1e-6) digits++;
    return digits;
  }

  /** Time since the first probe, all of an axis in one form: that of its end. */
  function clock(seconds, step, end) {
    if (end < 60) {
      // Of one probe alone there is no end, but a step of its axis.
      const [size, name] = UNITS.find(([ns]) => Math.max(end, step) * 1e9 >= ns) ?? UNITS[3];
      return `${(seconds * 1e9 / size).toFixed(digitsOf(step * 1e9 / size))}\u00a0${name}`;
    }
    const digits = step >= 1 ? 0 : digitsOf(step);
    const whole = Math.floor(seconds + 1e-9);
    const two = (value) => String(value).padStart(2, "0");
    const days = Math.floor(whole / 86400);
    const hours = Math.floor(whole / 3600) % 24;
    const minutes = Math.floor(whole / 60) % 60;
    const rest = `${two(whole % 60)}${digits > 0 ? (seconds % 1).toFixed(digits).slice(1) : ""}`;
    if (end >= 86400) return `${days}\u00a0d ${two(hours)}:${two(minutes)}`;
    return end >= 3600 ? `${hours}:${two(minutes)}:${rest}` : `${minutes}:${rest}`;
  }

  /** What a moment is told by: a power of ten that parts one stretch from the next. */
  function stepOf({ x, width }) {
    const end = x[x.length - 1];
    return 10 ** Math.floor(Math.log10(Math.max(1e-9, Math.min(1, end > 0 ? Math.min(width, end / 10) : 1))));
  }

  function unpack(packed) {
    return packed === null
      ? null
      : packed.rows.map((row) => row.map((value) => value === null ? null : value + packed.base));
  }

  function element(name, text, className) {
    const made = document.createElement(name);
    if (text !== undefined) made.textContent = text;
    if (className !== undefined) made.className = className;
    return made;
  }

  const axisFont = "12px system-ui, -apple-system, 'Segoe UI', 'Noto Sans', 'DejaVu Sans', Arial, sans-serif";

  function axes(xValues, yValues, more = {}) {
    const common = { stroke: style.faint, font: axisFont, ticks: { stroke: style.rule, size: 4, width: 1 } };
    return [
      { ...common, grid: { stroke: style.grid, width: 1 }, values: xValues, size: 24, gap: 4, space: 74, ...more.x },
      {
        ...common,
        grid: { stroke: style.grid, width: 1 },
        values: yValues,
        gap: 4,
        space: 34,
        size: axisWidth,
        ...more.y,
      },
    ];
  }

  /** Round values: 1, 2, 5 of each power of ten, or more of a short axis; few of none are enough. */
  function logSplits(low, high) {
    const within = (digits) => {
      const found = [];
      for (let power = 10 ** Math.floor(Math.log10(low)); power <= high; power *= 10) {
        found.push(...digits.map((digit) => digit * power).filter((value) => value >= low && value <= high));
      }
      return found;
    };
    const some = within([1, 2, 5]);
    if (some.length >= 3) return some;
    const more = within([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    return more.length >= 3 ? more : [low * 1.02, Math.sqrt(low * high), high / 1.02];
  }

  /** What an axis of delays has its labels at: left to uPlot where it is linear. */
  function delaySplits(low, high, isLog) {
    return isLog ? { splits: () => logSplits(low, high) } : {};
  }

  /** As wide as its labels. */
  function axisWidth(u, values) {
    if (!values) return 50;
    u.ctx.font = u.axes[1].font[0];
    const ratio = globalThis.devicePixelRatio || 1;
    return Math.ceil(Math.max(...values.map((value) => u.ctx.measureText(value ?? "").width)) / ratio) + 14;
  }

  /** Makes a chart anew whenever its width, the colours or the scale change. */
  function chart(holder, make, height, describe) {
    const one = { holder, make, height, describe, plot: undefined, width: 0 };
    charts.push(one);
    return one;
  }

  /** Without the room that is left for the mark of the focus. */
  function widthOf(holder) {
    return Math.floor(holder.clientWidth) - 8;
  }

  function draw(one) {
    const width = widthOf(one.holder);
    if (width < 50) return;
    const before = one.plot?.scales.x;
    const zoomed = one.zoomed ? { min: before.min, max: before.max } : undefined;
    one.plot?.destroy();
    one.width = width;
    const { options, data } = one.make();
    one.plot = new uPlot(
      { width, height: one.height, legend: { show: false }, padding: [8, 32, 0, 0], ...options },
      data,
      one.holder,
    );
    if (zoomed) one.plot.setScale("x", zoomed);
  }

  const observer = new ResizeObserver((entries) => {
    for (const { target } of entries) {
      const one = charts.find(({ holder }) => holder === target);
      if (one.plot !== undefined && widthOf(target) !== one.width) draw(one);
    }
  });

  function redraw() {
    style = styleNow();
    charts.forEach(draw);
  }

  /** Where the axis of delays begins and ends. */
  function range(rows) {
    const known = (row) => row.filter((value) => value !== null);
    const least = Math.min(...known(rows[0]));
    const most = Math.max(...known(rows[6]));
    const usual = Math.max(...known(rows[5]));
    if (scale === "log" && least > 0) return [least * 0.9, most * 1.1, true];
    const spikes = scale === "usual" && most - least > 4 * (usual - least) && usual > least;
    const top = spikes ? least + 1.6 * (usual - least) : most;
    const room = Math.max((top - least) * 0.06, Math.abs(least) * 1e-3, 5);
    return [least >= 0 ? Math.max(0, least - room) : least - room, top + room, false];
  }

  /** Bands between percentiles, the median, and what happened to probes. */
  function smoke(holder, session, packed, color, title, group) {
    const rows = unpack(packed);
    const { x } = session;
    const one = chart(
      holder,
      () => {
        const [low, high, isLog] = range(rows);
        const stroke = style[color];
        const span = x[x.length - 1] - x[0];
        const room = span > 0 ? Math.max(span * 0.012, x.length < SMALL ? span * 0.03 : 0) : 0.001;
        const bound = (show) => ({ stroke: "transparent", width: 0, points: { show } });
        const few = x.length < SMALL;
        return {
          data: [x, ...rows],
          options: {
            scales: {
              x: {
                time: false,
                range: (_u, min, max) => one.zoomed ? [min, max] : [x[0] - room, x[x.length - 1] + room],
              },
              y: { range: [low, high], distr: isLog ? 3 : 1, log: 10 },
            },
            axes: axes(
              (_u, splits, _a, _s, step) => splits.map((value) => value < 0 ? "" : clock(value, step, x[x.length - 1])),
              axisDelays,
              { x: { incrs: TIME_STEPS }, y: delaySplits(low, high, isLog) },
            ),
            series: [
              {},
              bound(false),
              bound(false),
              bound(false),
              { stroke, width: 1.5, spanGaps: false, points: { show: few, size: few ? 6 : 3, fill: stroke, width: 0 } },
              bound(false),
              bound(false),
              bound(false),
            ],
            bands: [
              { series: [7, 1], fill: alpha(stroke, 0.13) },
              { series: [6, 2], fill: alpha(stroke, 0.2) },
              { series: [5, 3], fill: alpha(stroke, 0.32) },
            ],
            cursor: {
              sync: { key: `time-${group}`, scales: ["x", null] },
              y: false,
              points: { show: false },
              drag: { x: true, y: false },
            },
            hooks: {
              drawAxes: [(u) => losses(u, session)],
              draw: [(u) => marks(u, session, rows, high, few)],
              setCursor: [(u) => one.read(u.cursor.idx)],
              setScale: [(u, key) => key === "x" && follow(one, u, group)],
            },
          },
        };
      },
      holder.dataset.height ? Number(holder.dataset.height) : 220,
      (i) => {
        if (rows[3][i] === null) return `no reply, ${session.lost?.[i] ?? 0} lost`;
        const n = session.finished[i];
        const lost = session.lost?.[i] ?? 0;
        const spread = n - lost > 1
          ? `median ${delay(rows[3][i])}, half within ${delay(rows[2][i])} to ${delay(rows[4][i])}, all within ${
            delay(rows[0][i])
          } to ${delay(rows[6][i])}`
          : delay(rows[3][i]);
        const odd = session.reordered?.[i] ? `, ${session.reordered[i]} out of order` : "";
        return `${spread}; ${n} ${n === 1 ? "probe" : "probes"}, ${lost} lost${odd}`;
      },
    );
    one.title = title;
    interactive(one, session, group);
  }

  /** Below the curves: a bar where probes were lost, as high as their share. */
  function losses(u, { x, lost, finished, width }) {
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
      ctx.fillStyle = alpha(style.loss, 0.1 + 0.15 * share);
      ctx.fillRect(middle - wide / 2, bbox.top, wide, bbox.height);
      const high = (6 * ratio) + share * bbox.height * 0.3;
      ctx.fillStyle = style.loss;
      ctx.fillRect(middle - wide / 2, bbox.top + bbox.height - high, wide, high);
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

  /** Above them: spikes that are cut off, what came out of order or twice; of few probes how far each reached. */
  function marks(u, { x, reordered, doubled }, rows, high, few) {
    const { ctx, bbox } = u;
    const ratio = devicePixelRatio || 1;
    ctx.save();
    clip(ctx, bbox);
    x.forEach((at, i) => {
      const place = u.valToPos(at, "x", true);
      if (few && rows[6][i] !== null && rows[6][i] > rows[0][i]) {
        const [from, to] = [rows[0][i], rows[6][i]].map((value) => u.valToPos(value, "y", true));
        ctx.fillStyle = alpha(u.series[4]._stroke ?? style.rtt, 0.35);
        ctx.fillRect(place - ratio, to, 2 * ratio, from - to);
      }
      if (rows[6][i] !== null && rows[6][i] > high) {
        ctx.fillStyle = style.faint;
        triangle(ctx, place, bbox.top + ratio, 3 * ratio, true);
      }
      if (reordered?.[i]) {
        ctx.fillStyle = style.odd;
        triangle(ctx, place, bbox.top + bbox.height - 11 * ratio, 5 * ratio, true);
      }
      if (doubled?.[i]) {
        ctx.strokeStyle = style.inbound;
        ctx.lineWidth = 1.5 * ratio;
        ctx.beginPath();
        ctx.arc(place, bbox.top + bbox.height - 16 * ratio, 3 * ratio, 0, 7);
        ctx.stroke();
      }
    });
    ctx.restore();
  }

  let following = false;
  /** Charts of one session show the same time. */
  function follow(one, u, group) {
    if (following || u.scales.x.min === null) return;
    following = true;
    for (const other of charts) {
      if (other !== one && other.group === group && other.plot !== undefined) {
        other.zoomed = one.zoomed;
        other.plot.setScale("x", { min: u.scales.x.min, max: u.scales.x.max });
      }
    }
    following = false;
  }

  /** Cursor by keys, zoom by dragging or keys; what is under it in words. */
  function interactive(one, session, group) {
    const { holder } = one;
    one.group = group;
    const readout = element("p", "", "readout");
    holder.after(readout);
    one.read = (i) => {
      if (i === null || i === undefined) readout.textContent = "";
      else {
        const moment = session.origin === null
          ? ""
          : `, ${new Date(session.origin + session.x[i] * 1e3).toISOString().slice(11, 23)} UTC`;
        readout.textContent = `${clock(session.x[i], stepOf(session), session.x[session.x.length - 1])}${moment}: ${
          one.describe(i)
        }`;
      }
    };
    const zoom = (min, max) => {
      one.zoomed = max !== undefined;
      const { x } = session;
      one.plot.setScale("x", one.zoomed ? { min, max } : { min: x[0], max: x[x.length - 1] });
    };
    holder.addEventListener("mousedown", () => one.zoomed = true);
    holder.addEventListener("dblclick", () => zoom());
    holder.addEventListener("keydown", (event) => {
      const u = one.plot;
      const { min, max } = u.scales.x;
      const at = u.cursor.idx ?? 0;
      const middle = session.x[at];
      const steps = { ArrowLeft: -1, ArrowRight: 1, PageUp: -20, PageDown: 20, Home: -Infinity, End: Infinity };
      if (event.key in steps) {
        const next = Math.min(session.x.length - 1, Math.max(0, u.cursor.idx === null ? 0 : at + steps[event.key]));
        u.setCursor({ left: u.valToPos(session.x[next], "x"), top: 10 });
      } else if (event.key === "+" || event.key === "-") {
        const half = (max - min) * (event.key === "+" ? 0.25 : 1);
        zoom(middle - half, middle + half);
      } else if (event.key === "Escape") zoom();
      else return;
      event.preventDefault();
    });
  }

  function bars(holder, { bars: { from, width, counts, total } }) {
    const x = counts.map((_, i) => from + (i + 0.5) * width);
    const one = chart(holder, () => ({
      data: [x, counts.map((count) => count === 0 ? null : 100 * count / total)],
      options: {
        scales: {
          x: { time: false, range: [from, from + counts.length * width] },
          y: { range: (_u, _min, max) => [0, max * 1.06] },
        },
        axes: axes(
          (_u, splits, _a, _s, step) => {
            const [size, name] = unitFor(from + counts.length * width);
            return splits.map((value) => `${(value / size).toFixed(digitsOf(step / size))}\u00a0${name}`);
          },
          (_u, splits) => splits.map((value) => `${Number(value.toPrecision(3))}\u00a0%`),
        ),
        series: [{}, {
          stroke: style.rtt,
          fill: alpha(style.rtt, 0.45),
          width: 1,
          paths: uPlot.paths.bars({ size: [1, Infinity], gap: 1 }),
          points: { show: false },
        }],
        cursor: { y: false, points: { show: false }, drag: { x: false } },
        hooks: { setCursor: [(u) => one.read(u.cursor.idx)] },
      },
    }), 220);
    plain(
      one,
      (i) =>
        `${delay(from + i * width)} to ${delay(from + (i + 1) * width)}: ${Math.round(counts[i])} of ${total}, ${
          (100 * counts[i] / total).toFixed(2)
        } %`,
      x,
    );
  }

  /** Labels for which there is room: 0 and half of all are close to each other. */
  function ninesOf(last, width) {
    const all = [0, 0.30103, 1, 2, 3, 4, 5, 6, 7].filter((nines) => nines <= last + 0.01);
    return (width - 80) * 0.3 / last < 44 ? all.slice(1) : all;
  }

  function ninesText(nines) {
    const share = 100 * (1 - 10 ** -nines);
    return `${share.toFixed(Math.max(0, Math.ceil(nines) - 2))}\u00a0%`;
  }

  function curve(holder, { curve: { x, rows } }) {
    const colors = ["rtt", "outbound", "inbound"];
    const names = ["round trip", "outbound", "inbound"];
    const last = x[x.length - 1] + 0.05;
    const one = chart(holder, () => {
      const known = rows.flat().filter((value) => value !== null);
      const [least, most] = [Math.min(...known), Math.max(...known)];
      const isLog = least > 0 && (scale === "log" || (scale === "usual" && most > 30 * least));
      const [low, high] = isLog ? [least * 0.85, most * 1.15] : [Math.min(0, least * 1.05), most * 1.05 || 1];
      return {
        data: [x, ...rows],
        options: {
          scales: {
            x: { time: false, range: [0, last] },
            y: { range: [low, high], distr: isLog ? 3 : 1, log: 10 },
          },
          axes: axes((_u, splits) => splits.map(ninesText), axisDelays, {
            x: { splits: (u) => ninesOf(last, u.width) },
            y: delaySplits(low, high, isLog),
          }),
          series: [
            {},
            ...colors.map((color) => ({
              stroke: style[color],
              width: 1.8,
              spanGaps: true,
              points: { show: x.length < 12, size: 5 },
            })),
          ],
          cursor: { y: false, points: { show: false }, drag: { x: false } },
          hooks: { setCursor: [(u) => one.read(u.cursor.idx)] },
        },
      };
    }, 220);
    plain(one, (i) => {
      const values = rows.flatMap((row, k) => row[i] === null ? [] : [`${names[k]} ${delay(row[i])}`]);
      return `${ninesText(x[i])} within ${values.join(", ")}`;
    }, x);
  }

  /** A chart of its own, without time. */
  function plain(one, describe, x) {
    const readout = element("p", "", "readout");
    one.holder.after(readout);
    one.read = (i) => readout.textContent = i === null || i === undefined ? "" : describe(i);
    one.holder.addEventListener("keydown", (event) => {
      const steps = { ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity };
      if (!(event.key in steps)) return;
      const u = one.plot;
      const next = Math.min(x.length - 1, Math.max(0, u.cursor.idx === null ? 0 : u.cursor.idx + steps[event.key]));
      u.setCursor({ left: u.valToPos(x[next], "x"), top: 10 });
      event.preventDefault();
    });
  }

  /** What their clock was ahead by: certain bounds as a band, the likely value as a line. */
  function offset(holder, session, group) {
    const rows = unpack(session.offset);
    const { x } = session;
    const one = chart(
      holder,
      () => {
        const stroke = style.odd;
        const known = (row) => row.filter((value) => value !== null);
        // By the likely values, and what of the bounds is near: a queue widens them far.
        const middle = known(rows[1]);
        const [least, most] = [Math.min(...middle), Math.max(...middle)];
        const sorted = (row) => known(row).sort((a, b) => a - b);
        const [floor, ceiling] = [sorted(rows[0]), sorted(rows[2])];
        const low = Math.min(least, floor[Math.floor(floor.length * 0.1)]);
        const high = Math.max(most, ceiling[Math.floor(ceiling.length * 0.9)]);
        const room = Math.max((high - low) * 0.08, 5);
        const few = x.length < SMALL;
        const span = x[x.length - 1] - x[0];
        const side = span > 0 ? span * (few ? 0.03 : 0.012) : 0.001;
        return {
          data: [x, ...rows],
          options: {
            scales: {
              x: {
                time: false,
                range: (_u, min, max) => one.zoomed ? [min, max] : [x[0] - side, x[x.length - 1] + side],
              },
              y: { range: [low - room, high + room] },
            },
            axes: axes(
              (_u, splits, _a, _s, step) => splits.map((value) => value < 0 ? "" : clock(value, step, x[x.length - 1])),
              axisDelays,
              { x: { incrs: TIME_STEPS } },
            ),
            series: [
              {},
              { stroke: "transparent", width: 0, points: { show: false } },
              { stroke, width: 1.5, points: { show: few, size: 6, fill: stroke, width: 0 } },
              { stroke: "transparent", width: 0, points: { show: false } },
            ],
            bands: [{ series: [3, 1], fill: alpha(stroke, 0.18) }],
            cursor: {
              sync: { key: `time-${group}`, scales: ["x", null] },
              y: false,
              points: { show: false },
              drag: { x: true, y: false },
            },
            hooks: {
              setCursor: [(u) => one.read(u.cursor.idx)],
              setScale: [(u, key) => key === "x" && follow(one, u, group)],
            },
          },
        };
      },
      200,
      (i) =>
        rows[1][i] === null
          ? "not known"
          : `${delay(rows[1][i])}, certainly ${delay(rows[0][i])} to ${delay(rows[2][i])}`,
    );
    interactive(one, session, group);
  }

  sessions.forEach((session, i) => {
    const holder = (name) => document.getElementById(`${name}-${i + 1}`);
    for (const [name, title] of [["rtt", "Round trip"], ["outbound", "Outbound"], ["inbound", "Inbound"]]) {
      if (holder(name)) smoke(holder(name), session, session[name], name, title, i);
    }
    if (holder("bars")) bars(holder("bars"), session);
    if (holder("curve")) curve(holder("curve"), session);
    if (holder("offset")) offset(holder("offset"), session, i);
  });
  charts.forEach(draw);
  charts.forEach(({ holder }) => observer.observe(holder));

  for (const input of document.querySelectorAll("input[name=scale]")) {
    input.addEventListener("change", () => {
      scale = input.value;
      redraw();
    });
  }
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
  const paper = (on) => {
    root.classList.toggle("paper", on);
    redraw();
  };
  addEventListener("beforeprint", () => paper(true));
  addEventListener("afterprint", () => paper(false));
  // Two frames on, what was drawn is on the screen.
  requestAnimationFrame(() =>
    requestAnimationFrame(() => {
      performance.mark("drawn");
      root.dataset.drawn = String(Math.round(performance.now()));
    })
  );
})();
