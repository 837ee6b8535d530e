// Your turn: the gradients are hidden, the learner fills them in, from the output back to the inputs.
"use strict";
(() => {
  const FORMS = [
    (p) => ["q = x + y; q*z", ["x", "y", "z"]],
    (p) => ["p = x*y; p + z", ["x", "y", "z"]],
    (p) => ["p = x*y; q = p + z; q*w", ["x", "y", "z", "w"]],
    (p) => ["s = x - y; s^2", ["x", "y"]],
    (p) => ["b = a + a; b*b", ["a"]],
    (p) => [`u = ${p}*x + y; u^2 + z`, ["x", "y", "z"]],
    (p) => ["p = x*y; p*x", ["x", "y"]],
    (p) => [`u = x^2; v = u + y; u*v`, ["x", "y"]],
    (p) => ["r = max(x, y); r*z", ["x", "y", "z"]],
    (p) => [`(a*x + b - ${p})^2`, ["a", "x", "b"]],
  ];
  const exercise = (seed) => {
    const draw = random(seed);
    const pick = (count) => Math.floor(draw() * count);
    const small = () => [-5, -4, -3, -2, -1, 1, 2, 3, 4, 5][pick(10)];
    const [f, names] = FORMS[pick(FORMS.length)](2 + pick(4));
    const at = {};
    // No two are the same, so that max has one side.
    for (const name of names) do at[name] = small(); while (Object.keys(at).some((other) => other !== name && at[other] === at[name]));
    return { f, at };
  };
  const number = (text) => {
    const [, top, bottom] = /^\s*([-−+]?[\d.]+(?:e[-+]?\d+)?)\s*(?:\/\s*([\d.]+))?\s*$/i.exec(text) ?? [];
    return top === undefined ? NaN : Number(top.replace("−", "-")) / (bottom === undefined ? 1 : Number(bottom));
  };
  const close = (a, b) => Math.abs(a - b) <= 1e-6 * Math.max(1, Math.abs(b)) || Object.is(a, b);

  panels.turn = async (panel) => {
    const { f, at } = exercise(state.seed);
    if (panel.dataset.seed === String(state.seed)) return;
    const ask = { function: { expression: f }, points: { at: [pointText(Object.keys(at), at)] } };
    const [traced, drawn] = await Promise.all([
      engine.quick.ask("trace", { command: "trace", ...ask }),
      engine.quick.ask("picture", { command: "stepper", id: "exercise", ...ask }),
    ]);
    if (!traced || !drawn) return;
    panel.dataset.seed = state.seed;
    const { nodes } = traced.document;
    const output = nodes.at(-1);
    const called = (id) => {
      const node = nodes[id - 1];
      return node.operator === "constant" ? node.text : node.name ?? (id === output.id ? "f" : `#${id}`);
    };
    const picture = make("div", { class: "picture" });
    picture.innerHTML = drawn.document.html;
    const graph = $(".graph", picture);
    // Nothing that tells the answer stays on the page.
    for (const told of graph.querySelectorAll(".slope, .product, title")) told.remove();
    $("svg", graph).setAttribute("aria-label", `The graph of ${f}, with the values of the forward pass`);
    picture.replaceChildren(graph);

    const fields = [];
    const list = make("ol", { class: "turn" });
    for (const node of nodes.slice().reverse().filter((node) => node.operator !== "constant")) {
      const name = called(node.id);
      const field = make("input", { type: "text", inputmode: "text", autocomplete: "off", id: `turn-${node.id}`, "data-node": name, "aria-describedby": `hint-${node.id}` });
      const hint = make("span", { class: "hint", id: `hint-${node.id}`, "aria-live": "polite" });
      const doing = node.operator === "input" ? "" : ` (${name} = ${node.text}, value ${shown(node.value)})`;
      list.append(make("li", {}, make("label", { for: field.id }, `∂f/∂${name}${doing} = `), field, hint));
      fields.push({ node, field, hint });
    }
    const term = (node, { from, gradient }) => {
      if (from === null) return "it is the output, so 1";
      const k = nodes[from - 1].arguments.indexOf(node.id);
      return `upstream ${shown(nodes[from - 1].gradient)} × local ${shown(nodes[from - 1].local[k])} = ${shown(gradient)} (from ${called(from)})`;
    };
    const score = make("p", { class: "score", "aria-live": "polite" });
    const judge = (event) => {
      event?.preventDefault();
      let right = 0;
      for (const { node, field, hint } of fields) {
        const given = field.value.trim();
        const truth = real(node.gradient);
        const value = number(given);
        const good = given !== "" && close(value, truth);
        field.classList.toggle("good", good);
        field.classList.toggle("bad", given !== "" && !good);
        field.setAttribute("aria-invalid", given !== "" && !good);
        const local = node.upstream.length > 1 ? `it receives ${node.upstream.length} upstream gradients: add them` : "multiply the upstream gradient by the local one";
        hint.textContent = given === "" ? "" : good ? "✓ right" : Number.isNaN(value) ? "✗ write a number, such as -4 or 1/2" : `✗ not yet: ${local}`;
        right += good;
      }
      score.textContent = right === fields.length ? `All ${right} are right: that was a backward pass.` : `${right} of ${fields.length} are right.`;
    };
    const reveal = () => {
      for (const { node, field, hint } of fields) {
        field.value = shown(node.gradient);
        field.classList.remove("bad");
        hint.textContent = node.upstream.map((one) => term(node, one)).join("; and ");
      }
      score.textContent = "These are the answers, with how each comes about.";
    };
    const go = (seed) => {
      state.seed = Math.max(1, Math.floor(seed) || 1);
      remember();
      panels.turn(panel);
    };
    const seed = make("input", { type: "number", id: "seed", min: 1, step: 1, value: state.seed, onchange: () => go(Number(seed.value)) });
    panel.replaceChildren(
      make("h3", {}, make("code", {}, f)),
      make("p", {}, `At ${Object.entries(at).map(([name, x]) => `${name} = ${x}`).join(", ")}. The forward pass is done; do the backward pass, from the output to the inputs.`),
      make("div", { class: "work" }, picture, make("form", { onsubmit: judge }, list, make("p", { class: "row" }, make("button", { type: "submit", class: "main" }, "Check"), make("button", { type: "button", onclick: reveal }, "Show the answers"), make("button", { type: "button", onclick: () => go(state.seed + 1) }, "Next exercise"), make("label", { for: "seed" }, "Exercise no. "), seed), score)),
    );
  };
})();
