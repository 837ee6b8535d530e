// The parts of the page besides the function and its gradients: each is drawn when it is looked at.
"use strict";
const panels = {};
const failure = (error) => make("pre", { class: "error", role: "alert" }, error.shown);
const functionRequest = () => ({ expression: state.f, size: state.size ? [state.size] : [], max_nodes: 200000 });
const pointRequest = () => ({ at: [pointText(current.inputs)] });

panels.graph = async (panel, isNew) => {
  const answer = await engine.quick.ask("stepper", { command: "stepper", function: functionRequest(), points: pointRequest(), id: "stepper" });
  if (!answer) return;
  if (answer.error) return panel.replaceChildren(failure(answer.error));
  if (isNew) state.step = 0;
  // The fragment is ours: texts in it are escaped.
  panel.innerHTML = answer.document.html;
  const own = $(".stepper", panel);
  own.addEventListener("step", ({ detail }) => {
    state.step = detail;
    remember();
  });
  if (!panel.style.getPropertyValue("--from")) fitGraph();
  walkThrough(own, { from: state.step });
};
// The graph ends where the window ends, as far as that leaves room for one, however tall the table above it is.
const fitGraph = () => {
  const graph = $("#panel-graph .graph");
  if (graph) $("#panel-graph").style.setProperty("--from", `${Math.round(graph.getBoundingClientRect().top + scrollY)}px`);
};
new ResizeObserver(fitGraph).observe($("#gradient"));

panels.formula = async (panel) => {
  const asked = { command: "derive", function: functionRequest() };
  if ($(".loading", panel) === null && panel.childElementCount === 0) panel.append(make("p", { class: "loading" }, "Simplifying…"));
  const [plain, set, explained] = await Promise.all([
    engine.slow.ask("derive", asked),
    engine.slow.ask("typeset", { ...asked, to: "latex" }),
    engine.slow.ask("explain", { ...asked, steps: true }),
  ]);
  if (!plain || !set || !explained) return;
  if (plain.error) return panel.replaceChildren(failure(plain.error));
  const list = make("div", { class: "formulas", tabindex: "0", role: "region", "aria-label": "The derivative, typeset" });
  if (!set.error && set.document.text.length < 4000) list.append(typeset(set.document.text));
  else for (const { name, formula } of plain.document.derivatives) list.append(make("p", {}, `${formulaName(name)} `, make("code", {}, formula)));
  const languages = { text: "Text", latex: "LaTeX", python: "Python", rust: "Rust", c: "C" };
  const select = make("select", { id: "to", onchange: () => ((state.to = select.value), remember(), write()) });
  for (const [value, name] of Object.entries(languages)) select.append(make("option", { value }, name));
  select.value = state.to in languages ? state.to : "text";
  const code = make("pre", { id: "code", tabindex: "0", "aria-label": "The derivative in that language" });
  const copy = make("button", { type: "button", onclick: () => copyText(code.textContent, copy) }, "Copy");
  const write = async () => {
    const found = await engine.slow.ask("code", { ...asked, to: select.value });
    if (found) code.textContent = found.error ? found.error.shown : found.document.text;
  };
  panel.replaceChildren(
    make("h3", {}, "The derivative as a formula"), list,
    make("h3", {}, "Copy it as a program"), make("p", { class: "row" }, make("label", { for: "to" }, "Language "), select, copy), code,
    ...(explained.error ? [] : [make("h3", {}, "How it is derived, rule by rule"), make("pre", { class: "steps", tabindex: "0" }, explained.document.text.split("\n").slice(2).join("\n"))]),
  );
  await write();
};
const formulaName = (name) => {
  const [, of, by] = /^d(.+)_d(.+)$/.exec(name) ?? [];
  return of ? `∂${of}/∂${by} =` : `${name} =`;
};

panels.steps = async (panel) => {
  if (!current.inputs.includes(state.wrt)) state.wrt = current.inputs[0] ?? "";
  const answer = await engine.quick.ask("steps", { command: "steps", function: functionRequest(), points: pointRequest(), wrt: state.wrt || null });
  if (!answer) return;
  const select = make("select", { id: "wrt", onchange: () => ((state.wrt = select.value), remember(), panels.steps(panel)) });
  for (const name of current.inputs) select.append(make("option", { value: name }, name));
  select.value = state.wrt;
  const chosen = make("p", { class: "row" }, make("label", { for: "wrt" }, "The input that is moved "), select);
  if (answer.error) return panel.replaceChildren(chosen, failure(answer.error));
  const { columns, rows } = answer.document;
  const numbers = rows.map((row) => row.map(real));
  const lines = columns.slice(1).map((name, k) => ({
    name,
    points: numbers.filter((row) => Number.isFinite(row[k + 1])).map((row) => [row[0], Math.max(row[k + 1], 1e-17)]),
  }));
  const range = [Math.log10(numbers.at(-1)[0]), Math.log10(numbers[0][0])];
  const nearest = (e) => numbers.reduce((a, b) => (Math.abs(Math.log10(b[0]) - e) < Math.abs(Math.log10(a[0]) - e) ? b : a));
  const slider = make("input", { type: "range", id: "h", min: 0, max: numbers.length - 1, oninput: () => set(Math.log10(numbers[numbers.length - 1 - slider.value][0])) });
  const said = make("p", { id: "at-h", "aria-live": "polite" });
  const set = (e) => {
    const row = nearest(e);
    state.h = Math.log2(row[0]);
    slider.value = numbers.length - 1 - numbers.indexOf(row);
    svg.moveMark(Math.log10(row[0]));
    const right = (error) => (Number.isFinite(error) ? `${Math.max(0, -Math.log10(Math.max(error, 1e-17))).toFixed(1)} digits` : "no value");
    const text = `h = ${row[0].toExponential(1)}: ${columns.slice(1).map((name, k) => `${name} ${right(row[k + 1])}`).join(", ")}`;
    said.textContent = text;
    slider.setAttribute("aria-valuetext", text);
    remember();
  };
  const svg = chart({
    label: `Relative error of ∂${current.name}/∂${state.wrt} by finite differences, against the step h`,
    lines, x: [Math.floor(range[0]), Math.ceil(range[1])], y: [-17, 2], xName: "step h", yName: "relative error", mark: 0, markName: "h", onmark: (e) => set(e),
  });
  panel.replaceChildren(chosen, svg, make("p", { class: "row" }, make("label", { for: "h" }, "h "), slider), said,
    make("p", { class: "soft" }, "forward is (f(x + h) − f(x))/h; central-2 is (f(x + h) − f(x − h))/2h; central-4 and central-6 take four and six values."),
    make("p", { class: "soft" }, "On the right the step is too long: the error is that of the formula (truncation), and falls with h, h², h⁴ or h⁶. On the left it is too short: f(x + h) and f(x) agree in nearly all digits, and their difference has few. The certified derivative is the measure."));
  set(Math.log10(2 ** state.h));
};

panels.check = async (panel) => {
  if (!current.inputs.includes(state.by)) state.by = current.inputs[0] ?? "";
  if (panel.dataset.for !== current.inputs.join()) {
    panel.dataset.for = current.inputs.join();
    const select = make("select", { id: "by", onchange: () => ((state.by = select.value), run()) });
    for (const name of current.inputs) select.append(make("option", { value: name }, `∂${current.name}/∂${name}`));
    select.value = state.by;
    const field = make("input", { id: "claim", type: "text", spellcheck: "false", autocapitalize: "off", autocomplete: "off", value: state.claim, oninput: () => ((state.claim = field.value), run()) });
    const run = () => (remember(), panels.check(panel));
    panel.replaceChildren(
      make("p", {}, "Work out a derivative by hand, and write it here: it is proved, or refuted by a point where it is wrong."),
      make("p", { class: "row" }, make("label", { for: "by" }, "Claim: "), select, make("label", { for: "claim" }, " = "), field),
      make("div", { class: "verdict", "aria-live": "polite" }),
    );
  }
  const place = $(".verdict", panel);
  if (state.claim.trim() === "") return place.replaceChildren();
  const answer = await engine.slow.ask("check", { command: "check", function: functionRequest(), claims: [{ input: state.by, formula: state.claim }] });
  if (!answer) return;
  if (answer.error) return place.replaceChildren(failure(answer.error));
  const { status, detail, only_where, except } = answer.document.claims[0];
  const mark = { proved: "✓ proved", refuted: "✗ refuted", unknown: "? unknown" }[status];
  const more = [...only_where.map((condition) => `Only where ${condition}: the claim needs it, the derivative does not.`), ...except.map((point) => `Except at ${Object.entries(point).map(([name, value]) => `${name} = ${value}`).join(", ")}: there the claim is defined and wrong.`)];
  place.replaceChildren(make("p", { class: `status ${status}` }, make("strong", {}, mark), `: ${detail}`), ...more.map((text) => make("p", {}, text)));
};
