// Swell: a derivative as one formula, and as a graph in which common parts are shared, as the function grows.
"use strict";
(() => {
  const CHAINS = [
    ["x ← 4x(1 − x), n times", "iterate(k, 1, n, y, x, 4*y*(1 - y))"],
    ["a product of n inputs", "prod(i, 1, n, x[i])"],
    ["sin inside sin, n times", "iterate(k, 1, n, y, x, y*sin(y))"],
  ];
  const MOST = 40;
  const exponent = (digits) => (/^\d+$/.test(digits) ? digits.length - 1 + Math.log10(Number(`0.${digits.slice(0, 15)}`)) + 1 : NaN);
  const spelled = (digits) => (!/^\d+$/.test(digits) ? digits : digits.length <= 6 ? digits.replace(/\B(?=(\d{3})+$)/g, "\u202f") : `${(10 ** (exponent(digits) % 1)).toFixed(1)} · 10${superscript(Math.floor(exponent(digits)))}`);

  // The sizes of the function that is typed, of which the first may vary here.
  const own = () => current.sizes?.[0]?.[0] ?? null;

  const controls = (panel) => {
    const select = make("select", { id: "chain", onchange: () => ((state.chain = select.value), remember(), panels.swell(panel)) });
    if (own()) select.append(make("option", { value: "own" }, `your function, ${own()} = n`));
    CHAINS.forEach(([name], k) => select.append(make("option", { value: String(k) }, name)));
    if (![...select.options].some((option) => option.value === state.chain)) state.chain = select.options[0].value;
    select.value = state.chain;
    const slider = make("input", { type: "range", id: "n", min: 1, max: MOST, step: 1, value: Math.min(MOST, state.n), oninput: () => ((state.n = Number(slider.value)), remember(), panel.show()) });
    panel.replaceChildren(make("div", { class: "split" },
      make("div", { class: "drawn" }),
      make("div", {},
        make("p", {}, "The symbolic method is said to end in “large, repeated expressions”. It does where the derivative is written out as one formula, every repeated part again and again. As a graph, in which each part stands once, the same derivative stays small."),
        make("p", { class: "row" }, make("label", { for: "chain" }, "Function "), select),
        make("p", { class: "row" }, make("label", { for: "n" }, "n "), slider, make("output", { id: "n-is", for: "n" })),
        make("p", { class: "told", "aria-live": "polite" })),
    ));
    panel.dataset.for = own() ?? "-";
  };

  panels.swell = async (panel) => {
    if (panel.dataset.for !== (own() ?? "-")) controls(panel);
    const [name, expression] = state.chain === "own" ? [own(), state.f] : ["n", CHAINS[Number(state.chain)][1]];
    const others = state.chain === "own" ? current.sizes.slice(1).filter(([, value]) => value !== null).map(([name, value]) => `${name}=${value}`) : [];
    const sizes = Array.from({ length: MOST }, (_, k) => k + 1);
    const answer = await engine.slow.ask("swell", { command: "swell", function: { expression, size: others, max_nodes: 200000 }, name, sizes });
    if (!answer) return;
    if (answer.error) return $(".drawn", panel).replaceChildren(failure(answer.error)), $(".told", panel).replaceChildren();
    const { rows } = answer.document;
    const points = (of) => rows.map((row) => [row.size, exponent(row[of])]).filter(([, e]) => Number.isFinite(e));
    const lines = [["one formula", "tree"], ["graph", "graph"], ["the function", "function"]].map(([name, of]) => ({ name, points: points(of).map(([n, e]) => [n, 10 ** e]) }));
    const most = Math.max(2, ...lines.flatMap((line) => line.points.map(([, y]) => Math.log10(y))));
    const svg = chart({
      label: "Operators of the derivative as one formula and as a graph, against n",
      lines, x: [0, MOST], y: [0, Math.ceil(most)], xName: "n", yName: "operators", every: [5, Math.max(1, Math.ceil(most / 8))], level: true, mark: state.n, markName: "n",
      onmark: (n) => ((state.n = Math.max(1, Math.min(MOST, Math.round(n)))), remember(), panel.show()),
    });
    $(".drawn", panel).replaceChildren(svg);
    panel.show = () => {
      const row = rows[Math.min(rows.length, state.n) - 1];
      $("#n", panel).value = row.size;
      $("#n-is", panel).textContent = row.size;
      svg.moveMark(row.size);
      $(".told", panel).replaceChildren(`n = ${row.size}: written as one formula the derivative has `, make("strong", { class: "digits" }, spelled(row.tree)), " operators; as a graph, together with the function, ", make("strong", { class: "digits" }, spelled(row.graph)), `; the function alone has ${spelled(row.function)}.`);
    };
    panel.show();
  };
})();
