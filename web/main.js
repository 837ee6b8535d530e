// The function, the point and the gradients; and which part is shown beside them.
"use strict";
const current = { name: "f", inputs: [], sizes: [] };
const field = $("#f");
const TABS = { graph: "Graph", formula: "Formula", steps: "Step size", descent: "Descent", swell: "Swell", check: "Check yours", turn: "Your turn" };
// How long the last answer took, from the key to the picture: for tests and for the curious.
const timing = { cold: null, picture: null, last: null };

const showError = (error) => {
  const place = $("#error");
  field.setAttribute("aria-invalid", Boolean(error));
  document.body.classList.toggle("stale", Boolean(error));
  if (!error) return place.replaceChildren();
  place.replaceChildren(make("pre", {}, error.shown.replace(/^ *--> .*\n/m, "")));
};
const showNotes = (notes) => $("#notes").replaceChildren(...notes.map((note) => make("pre", {}, note.replace(/^ *--> .*\n/m, ""))));

// The function as mathematics writes it.
const drawFormula = (latex) => {
  const place = $("#formula");
  if (place.dataset.for === (latex ?? "")) return;
  place.dataset.for = latex ?? "";
  // What does not fit beside the field is read there as it was typed.
  place.hidden = !latex || latex.length > 400;
  if (!place.hidden) place.replaceChildren(typeset(latex));
};

// Fields and sliders for the point; they stay where the inputs stay.
const drawInputs = () => {
  const place = $("#inputs");
  const key = current.inputs.join();
  if (place.dataset.for === key) {
    for (const name of current.inputs) setInput(name, false);
    return;
  }
  place.dataset.for = key;
  place.replaceChildren(...current.inputs.map((name) => {
    const number = make("input", { type: "text", inputmode: "text", id: `at-${name}`, "data-input": name, autocomplete: "off", spellcheck: "false", value: state.at[name] });
    const slider = make("input", { type: "range", "data-slide": name, "aria-label": `${name}, slider`, step: "any" });
    number.addEventListener("input", () => ((state.at[name] = number.value.trim()), setInput(name, true), update()));
    slider.addEventListener("input", () => {
      // As many digits as the hand can choose.
      state.at[name] = Number(Number(slider.value).toPrecision(3));
      number.value = state.at[name];
      update();
    });
    return make("div", { class: "input" }, make("label", { for: `at-${name}` }, name), number, slider);
  }));
  for (const name of current.inputs) setInput(name, false);
};
const setInput = (name, typed) => {
  const slider = $(`[data-slide="${CSS.escape(name)}"]`);
  const number = $(`[data-input="${CSS.escape(name)}"]`);
  if (!slider) return;
  if (!typed && document.activeElement !== number) number.value = state.at[name];
  const value = Number(state.at[name]);
  slider.disabled = !Number.isFinite(value);
  if (slider.disabled || document.activeElement === slider) return;
  const reach = Math.max(1, Math.abs(value)) * 2;
  slider.min = -Math.ceil(reach);
  slider.max = Math.ceil(reach);
  slider.value = value;
};

const STRATEGIES = ["numerical", "symbolic", "backprop"];
const CAPTIONS = { numerical: "numerical", symbolic: "symbolic", backprop: "backpropagation" };
const STATUS = {
  kink: "kink: the slopes on both sides differ", undefined: "there is no derivative here", overflow: "larger than any double",
  undecided: "not decided", removable: "exists, although the graph as written meets 0·∞ or the like",
};
const drawGradients = (document_) => {
  const point = document_.points[0];
  const { inputs } = document_;
  const reference = point.reference;
  const value = Array.isArray(point.value) ? point.value.map(shown).join(", ") : shown(point.value);
  $("#value").textContent = `${current.name} = ${value}`;
  const body = $("#gradients tbody");
  const outputs = document_.outputs;
  const rows = [];
  for (let output = 0; output < outputs; output += 1) {
    for (let k = 0; k < inputs.length; k += 1) {
      const index = output * inputs.length + k;
      const truth = reference ? real(reference.gradient[index]) : NaN;
      const status = reference?.status[index];
      const label = `∂${current.name}${outputs > 1 ? output + 1 : ""}/∂${inputs[k]}`;
      const certified = make("td", { "data-col": "certified" }, make("span", { class: "digits" }, make("span", { class: "right" }, status === "certified" || status === "removable" ? shown(truth) : status ?? "–")), status && status !== "certified" ? make("small", {}, STATUS[status] ?? "") : null);
      const cells = STRATEGIES.map((name) => {
        const found = point.strategies.find((entry) => entry.strategy === name);
        const cell = make("td", { "data-col": CAPTIONS[name] });
        if (!found || !found.gradient) cell.append(found?.refused ? "refused" : "–");
        else if (status === "certified" || status === "removable") cell.append(digits(found.gradient[index], truth));
        else cell.append(make("span", { class: "digits" }, shown(found.gradient[index])), make("small", {}, found.components[index] ?? ""));
        return cell;
      });
      rows.push(make("tr", { "data-component": inputs[k] }, make("th", { scope: "row" }, label), certified, ...cells));
    }
  }
  body.replaceChildren(...rows);
  const mark = point.verdict === "agree" ? "✓ The three agree with the certified gradient." : `Verdict: ${point.verdict}.`;
  $("#verdict").replaceChildren(make("strong", {}, mark), ...(point.note ? [" ", point.note[0].toUpperCase(), point.note.slice(1), "."] : []));
};

let asked = 0;
// The names of the function, which stay while only the point moves.
let named = { text: null, names: null };
let shownFor = "";
const update = async () => {
  const own = ++asked;
  const begin = performance.now();
  remember();
  const text = JSON.stringify(functionRequest());
  if (named.text !== text) {
    const names = await engine.quick.ask("names", { command: "names", function: functionRequest() });
    if (!names || own !== asked) return;
    named = { text, names };
  }
  const { names } = named;
  $("#size-row").hidden = !(state.size || (names.document && names.document.sizes.length > 0));
  if (names.error) return showError(names.error);
  if (names.document.inputs === null) {
    const open = names.document.sizes.filter(([, value]) => value === null).map(([name]) => name);
    const help = `give ${open.length > 1 ? "the sizes" : "the size"} ${open.join(", ")} in the field below, such as ${open.map((name) => `${name}=3`).join(",")}`;
    return showError({ shown: `error: ${open.join(", ")} has no value\n\nhelp: ${help}` });
  }
  current.name = names.document.name;
  current.inputs = names.document.inputs;
  current.sizes = names.document.sizes;
  drawFormula(names.document.latex);
  current.inputs.forEach((name, k) => (state.at[name] ??= DEFAULTS[k % DEFAULTS.length]));
  drawInputs();
  const compared = engine.gradients.ask("compare", { command: "compare", function: functionRequest(), points: pointRequest(), strategies: ["numerical", "symbolic=auto", "backprop"] });
  const panel = drawPanel(false);
  panel.then(() => (timing.picture = performance.now() - begin));
  const found = await compared;
  if (!found || own !== asked) return;
  showError(found.error);
  showNotes(names.notes);
  if (!found.error) drawGradients(found.document);
  await panel;
  if (own !== asked) return;
  await new Promise(requestAnimationFrame);
  timing.last = performance.now() - begin;
  timing.cold ??= performance.now();
  document.body.dataset.done = own;
};

const drawPanel = (chosen) => {
  const isNew = shownFor !== "" && shownFor !== state.f;
  shownFor = state.f;
  return panels[state.tab]($(`#panel-${state.tab}`), isNew && !chosen);
};
const choose = (tab, focus = false) => {
  state.tab = tab in TABS ? tab : "graph";
  document.body.dataset.tab = state.tab;
  for (const name of Object.keys(TABS)) {
    const own = $(`#tab-${name}`);
    own.setAttribute("aria-selected", name === state.tab);
    own.tabIndex = name === state.tab ? 0 : -1;
    $(`#panel-${name}`).hidden = name !== state.tab;
  }
  if (focus) $(`#tab-${state.tab}`).focus();
  remember();
};
for (const [name, title] of Object.entries(TABS)) {
  const tab = make("button", { type: "button", role: "tab", id: `tab-${name}`, "aria-controls": `panel-${name}`, onclick: () => (choose(name), drawPanel(true)) }, title);
  tab.addEventListener("keydown", (event) => {
    const names = Object.keys(TABS);
    const to = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (to === undefined) return;
    choose(names[(names.indexOf(state.tab) + to + names.length) % names.length], true);
    drawPanel(true);
  });
  $("#tabs").append(tab);
  $("#panels").append(make("section", { role: "tabpanel", id: `panel-${name}`, "aria-labelledby": `tab-${name}` }));
}

const load = () => {
  field.value = state.f;
  $("#size").value = state.size;
  grow();
  document.body.classList.toggle("embedded", embedded);
  gallery.value = String(GALLERY.findIndex(([, f]) => f === state.f));
  choose(state.tab);
  return update();
};
const grow = () => {
  field.rows = Math.min(8, Math.max(1, field.value.split("\n").length, Math.ceil(field.value.length / 32)));
};
field.addEventListener("input", () => ((state.f = field.value), (gallery.value = "-1"), grow(), update()));
$("#size").addEventListener("input", () => ((state.size = $("#size").value.trim()), update()));
const gallery = $("#gallery");
gallery.append(make("option", { value: -1, hidden: true }, "Your own"));
GALLERY.forEach(([name], k) => gallery.append(make("option", { value: k }, name)));
gallery.addEventListener("change", () => {
  const [, f, at] = GALLERY[gallery.value];
  Object.assign(state, { f, at: { ...at }, size: "", step: 0, claim: "", along: "", beside: "" });
  $("#panel-check").dataset.for = "";
  load();
});
$("#link").addEventListener("click", () => setTimeout(() => copyText(location.href, $("#link")), 200));
const themes = ["auto", "light", "dark"];
$("#theme").addEventListener("click", () => {
  const next = themes[(themes.indexOf(document.documentElement.dataset.theme ?? "auto") + 1) % themes.length];
  if (next === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = next;
  $("#theme").textContent = `Theme: ${next}`;
});
addEventListener("hashchange", () => (recall(), load()));
engine.compiled.catch((error) => showError({ shown: `error: this browser cannot run the page: ${error.message}` }));
recall();
load();
