// A chart with logarithmic axes, or a level one along: lines with labels at their ends, and a mark that can be dragged.
"use strict";
const CHART = { width: 640, height: 340, left: 56, right: 92, top: 12, bottom: 52 };
const superscript = (n) => String(n).replace(/[-\d]/g, (c) => "⁰¹²³⁴⁵⁶⁷⁸⁹⁻"["0123456789-".indexOf(c)]);
// Lines are {name, points: [[x, y]]}; ranges are of exponents of ten, of a level axis those of its numbers.
const chart = ({ label, lines, x: [x0, x1], y: [y0, y1], xName, yName, every = [2, 3], mark = null, onmark = null, markName = "", level = false }) => {
  const { width, height, left, right, top, bottom } = CHART;
  const px = (e) => left + ((e - x0) / (x1 - x0)) * (width - left - right);
  const py = (e) => height - bottom - ((e - y0) / (y1 - y0)) * (height - top - bottom);
  const svg = make("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": label, class: "chart" });
  for (let e = Math.ceil(x0 / every[0]) * every[0]; e <= x1; e += every[0]) {
    svg.append(make("line", { class: "grid", x1: px(e), x2: px(e), y1: top, y2: height - bottom }));
    svg.append(make("text", { class: "tick", x: px(e), y: height - bottom + 24, "text-anchor": "middle" }, level ? e : `10${superscript(e)}`));
  }
  for (let e = Math.ceil(y0 / every[1]) * every[1]; e <= y1; e += every[1]) {
    svg.append(make("line", { class: "grid", x1: left, x2: width - right, y1: py(e), y2: py(e) }));
    svg.append(make("text", { class: "tick", x: left - 6, y: py(e) + 4, "text-anchor": "end" }, `10${superscript(e)}`));
  }
  svg.append(make("text", { class: "axis", x: (left + width - right) / 2, y: height - 8, "text-anchor": "middle" }, xName));
  svg.append(make("text", { class: "axis", x: 14, y: (top + height - bottom) / 2, "text-anchor": "middle", transform: `rotate(-90 14 ${(top + height - bottom) / 2})` }, yName));
  const ends = [];
  lines.forEach(({ name, points }, k) => {
    const places = points.map(([x, y]) => [px(level ? x : Math.log10(x)), Math.max(top, Math.min(height - bottom, py(Math.log10(y))))]);
    if (places.length === 0) return;
    svg.append(make("path", { class: `line line-${k}`, d: places.map(([x, y], k) => `${k ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`).join("") }));
    const last = places.reduce((a, b) => (b[0] > a[0] ? b : a));
    ends.push({ name, k, y: last[1] });
  });
  ends.sort((a, b) => a.y - b.y);
  ends.forEach((end, k) => {
    if (k > 0) end.y = Math.max(end.y, ends[k - 1].y + 14);
  });
  for (const { name, k, y } of ends) svg.append(make("text", { class: `name name-${k}`, x: width - right + 6, y: y + 4 }, name));
  if (mark !== null) {
    const place = (e) => px(Math.max(x0, Math.min(x1, e)));
    const handle = make("g", { class: "mark" }, make("line", { x1: 0, x2: 0, y1: top, y2: height - bottom }), make("circle", { cx: 0, cy: height - bottom, r: 8 }), make("text", { x: 0, y: top + 10, "text-anchor": "middle" }, markName));
    svg.append(handle);
    svg.moveMark = (e) => handle.setAttribute("transform", `translate(${place(e)} 0)`);
    svg.moveMark(mark);
    const follow = (event) => {
      const box = svg.getBoundingClientRect();
      const at = ((event.clientX - box.left) / box.width) * width;
      onmark(Math.max(x0, Math.min(x1, x0 + ((at - left) / (width - left - right)) * (x1 - x0))));
    };
    svg.addEventListener("pointerdown", (event) => {
      svg.setPointerCapture(event.pointerId);
      follow(event);
    });
    svg.addEventListener("pointermove", (event) => event.buttons && follow(event));
  }
  return svg;
};
