// Descent: where a gradient leads, on contours of two inputs or on the curve of one.
"use strict";
(() => {
  const METHODS = {
    plain: ["plain", "x ← x − rate · gradient"],
    momentum: ["momentum", "m ← 0.9 m + gradient;  x ← x − rate · m"],
    adam: ["Adam", "the mean of the gradients, each in units of its own size"],
  };
  const ENDS = {
    finished: (steps) => `after ${steps} steps`,
    converged: (steps) => `the gradient is 0 to ten digits after ${steps} steps`,
    diverged: (steps) => `it diverges, and is stopped after ${steps} steps: the rate is too large, or there is no lowest point`,
    refused: () => "backpropagation refuses this function",
  };
  const SIDE = 1000;
  // In place of a second input.
  const ALONE = "-";
  const brief = (x) => String(Number(x.toPrecision(4)));
  // What one looks at stays while the rate is moved or the start is put elsewhere in it.
  const looked = { key: "", window: null };

  const ticks = (low, high) => {
    const step = [1, 2, 5, 10].map((k) => k * 10 ** Math.floor(Math.log10((high - low) / 5))).find((step) => (high - low) / step <= 6);
    const first = Math.ceil(low / step);
    return Array.from({ length: Math.floor(high / step) - first + 1 }, (_, k) => Number(((first + k) * step).toPrecision(12)));
  };

  const draw = (found, shownSteps, onstart) => {
    const [across, up] = found.along;
    const flat = up === undefined;
    const path = found.path.map((place) => place.map(real));
    const losses = found.losses.map(real);
    const [x0, x1] = found.window[0].map(real);
    const heights = flat ? found.curve.map(([, y]) => real(y)).filter(Number.isFinite) : found.window[1].map(real);
    let [y0, y1] = [Math.min(...heights), Math.max(...heights)];
    if (!(y1 > y0)) [y0, y1] = [(y0 || 0) - 1, (y1 || 0) + 1];
    const px = (x) => ((x - x0) / (x1 - x0)) * SIDE;
    const py = (y) => ((y1 - y) / (y1 - y0)) * SIDE;
    const inside = (v) => Math.max(-9 * SIDE, Math.min(9 * SIDE, v));
    const places = path.map((place, k) => [inside(px(place[0])), inside(py(flat ? losses[k] : place[1]))]);
    const svg = make("svg", { class: "plane", viewBox: `-90 -12 ${SIDE + 110} ${SIDE + 100}`, role: "img", "aria-label": `${flat ? `The curve of ${current.name} over ${across}` : `Contours of ${current.name} over ${across} and ${up}`}, and a descent of ${path.length - 1} steps` });
    svg.append(make("rect", { class: "frame", x: 0, y: 0, width: SIDE, height: SIDE }));
    const plot = make("svg", { x: 0, y: 0, width: SIDE, height: SIDE, viewBox: `0 0 ${SIDE} ${SIDE}`, overflow: "hidden" });
    found.contours.forEach(({ level, lines }, k) => {
      const line = make("path", { class: "contour", d: lines, style: `--share:${Math.round((100 * k) / Math.max(1, found.contours.length - 1))}%` });
      line.append(make("title", {}, `${current.name} = ${shown(level)}`));
      plot.append(line);
    });
    const line = (points) => points.map(([x, y], k) => `${k ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`).join("");
    if (flat) {
      const pieces = [[]];
      for (const [x, y] of found.curve) Number.isFinite(real(y)) ? pieces.at(-1).push([px(real(x)), inside(py(real(y)))]) : pieces.push([]);
      plot.append(make("path", { class: "curve", d: pieces.map(line).join("") }));
    }
    const taken = places.slice(0, shownSteps + 1);
    plot.append(make("path", { class: "walk", d: line(taken) }));
    if (taken.length <= 120) for (const [x, y] of taken.slice(1, -1)) plot.append(make("circle", { class: "foot", cx: x, cy: y, r: 6 }));
    plot.append(make("circle", { class: "start", cx: places[0][0], cy: places[0][1], r: 13 }));
    plot.append(make("circle", { class: "stop", cx: taken.at(-1)[0], cy: taken.at(-1)[1], r: 13 }));
    svg.append(plot);
    for (const x of ticks(x0, x1)) svg.append(make("text", { class: "tick", x: px(x), y: SIDE + 34, "text-anchor": "middle" }, brief(x)));
    for (const y of ticks(y0, y1)) svg.append(make("text", { class: "tick", x: -10, y: py(y) + 9, "text-anchor": "end" }, brief(y)));
    svg.append(make("text", { class: "axis", x: SIDE, y: SIDE + 74, "text-anchor": "end" }, across));
    svg.append(make("text", { class: "axis", x: -10, y: 22, "text-anchor": "end" }, flat ? current.name : up));
    // A click puts the start there.
    svg.addEventListener("click", (event) => {
      const box = plot.getBoundingClientRect();
      const frame = $(".frame", svg).getBoundingClientRect();
      const [u, v] = [(event.clientX - frame.left) / frame.width, (event.clientY - frame.top) / frame.height];
      if (box.width && u >= 0 && u <= 1 && v >= 0 && v <= 1) onstart([x0 + u * (x1 - x0), y1 - v * (y1 - y0)].slice(0, flat ? 1 : 2));
    });
    return svg;
  };

  // The controls are made once for each set of inputs, so that a slider that is held stays.
  const controls = (panel) => {
    const again = () => (remember(), panels.descent(panel));
    const choice = (id, label, name, options, none) => {
      const select = make("select", { id, onchange: () => ((state[name] = select.value), again()) });
      if (none) select.append(make("option", { value: ALONE }, none));
      for (const [value, text] of options) select.append(make("option", { value }, text));
      select.value = state[name];
      return [make("label", { for: id }, label), select];
    };
    const inputs = current.inputs.map((name) => [name, name]);
    const rate = make("input", { type: "range", id: "rate", min: -4, max: 0.5, step: 0.05, value: Math.log10(state.rate), oninput: () => ((state.rate = Number((10 ** Number(rate.value)).toPrecision(2))), again()) });
    const steps = make("input", { type: "range", id: "walk", min: 0, max: 300, step: 1, value: state.walk, oninput: () => ((state.walk = Number(steps.value)), again()) });
    let playing = 0;
    const stop = () => (clearInterval(playing), (playing = 0), (play.textContent = "▶ Play"));
    const play = make("button", { type: "button", onclick: () => {
      if (playing) return stop();
      const last = state.walk >= 300 ? 60 : Math.max(1, state.walk);
      state.walk = 0;
      play.textContent = "❚❚ Pause";
      playing = setInterval(() => {
        state.walk += 1;
        steps.value = state.walk;
        again();
        if (state.walk >= last || !play.isConnected || state.tab !== "descent") stop();
      }, 120);
    } }, "▶ Play");
    const elsewhere = make("button", { type: "button", onclick: () => ((looked.window = null), again()) }, "Show the whole path");
    panel.replaceChildren(make("div", { class: "split" },
      make("div", { class: "drawn" }),
      make("div", {},
        make("p", {}, "The gradient points uphill. A descent takes steps the other way; each step's gradient is backpropagation's. Click into the picture to start there."),
        make("p", { class: "row" }, ...choice("along", "Move ", "along", inputs), ...(inputs.length > 1 ? choice("second", " and ", "beside", inputs, "nothing else") : [])),
        make("p", { class: "row" }, ...choice("method", "Method ", "method", Object.entries(METHODS).map(([value, [name]]) => [value, name]))),
        make("p", { class: "row" }, make("label", { for: "rate" }, "Rate "), rate, make("output", { id: "rate-is", for: "rate" })),
        make("p", { class: "row" }, make("label", { for: "walk" }, "Steps "), steps, make("output", { id: "walk-is", for: "walk" })),
        make("p", { class: "row" }, play, elsewhere),
        make("div", { class: "told", "aria-live": "polite" })),
    ));
    panel.dataset.for = current.inputs.join();
  };

  panels.descent = async (panel) => {
    const { inputs } = current;
    if (inputs.length === 0) return panel.replaceChildren(make("p", {}, "This function has no inputs: there is nothing to descend along."));
    if (!inputs.includes(state.along)) state.along = inputs[0];
    if (state.beside !== ALONE && (!inputs.includes(state.beside) || state.beside === state.along)) state.beside = inputs.find((name) => name !== state.along) ?? ALONE;
    if (!(state.method in METHODS)) state.method = "plain";
    if (panel.dataset.for !== inputs.join()) controls(panel);
    else if ($("#second", panel)) $("#second", panel).value = state.beside;
    const along = state.beside === ALONE ? [state.along] : [state.along, state.beside];
    const key = JSON.stringify([functionRequest(), along]);
    if (looked.key !== key) Object.assign(looked, { key, window: null });
    const at = along.map((name) => Number(state.at[name]));
    if (looked.window && !looked.window.every(([low, high], k) => !(at[k] < low || at[k] > high))) looked.window = null;
    const answer = await engine.quick.ask("descend", { command: "descend", function: functionRequest(), points: pointRequest(), descent: { along, method: state.method, rate: state.rate, steps: state.walk, window: looked.window } });
    if (!answer) return;
    const [place, told] = [$(".drawn", panel), $(".told", panel)];
    if (answer.error) return place.replaceChildren(failure(answer.error)), told.replaceChildren();
    const found = answer.document;
    looked.window = found.window.map((ends) => ends.map(real));
    const start = (where) => {
      along.forEach((name, k) => (state.at[name] = Number(where[k].toPrecision(4))));
      drawInputs();
      update();
    };
    place.replaceChildren(draw(found, found.path.length - 1, start));
    $("#rate-is", panel).textContent = state.rate;
    $("#walk-is", panel).textContent = state.walk;
    const [first, last] = [found.losses[0], found.losses.at(-1)].map(real);
    const end = found.path.at(-1)?.map(real) ?? [];
    const others = inputs.filter((name) => !along.includes(name));
    told.replaceChildren(
      make("p", {}, make("strong", {}, `${current.name}: ${brief(first)} → ${brief(last)}`), `, ${ENDS[found.ended](found.path.length - 1)}.`),
      make("p", { class: "mono" }, along.map((name, k) => `${name} = ${brief(end[k])}`).join(", ")),
      make("p", { class: "soft" }, `${METHODS[state.method][0]}: ${METHODS[state.method][1]}`),
      ...(others.length ? [make("p", { class: "soft" }, `${others.join(", ")} ${others.length > 1 ? "stay" : "stays"} as in the fields.`)] : []),
      make("p", { class: "soft" }, found.contours.length ? "○ start, ● end. On a line the function has one value: dark lines are low, light ones high." : "○ start, ● end."),
    );
  };
})();
