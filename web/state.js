// What the page is about, all of it in the address.
"use strict";
const DEFAULTS = [2, 3, -1, 0.5, 1.5, -2];
const GALLERY = [
  ["The article's example", "q = x + y; L = q*z", { x: -2, y: 5, z: -4 }],
  ["A node that is used twice", "b = a + a; b*b", { a: 3 }],
  ["One neuron", "1/(1 + exp(-(w*x + b)))", { w: 2, x: -1, b: 0.5 }],
  ["A fit to three points", "sum(i, 1, 3, (a*i + b - i^2)^2)", { a: 1, b: 0.5 }],
  ["Rosenbrock's valley", "(1 - x)^2 + 100*(y - x^2)^2", { x: -1.2, y: 1 }],
  ["Cancellation: finite differences lose digits", "(1 - cos(x))/x^2", { x: 0.0001 }],
  ["A kink", "abs(x)*y", { x: 0, y: 2 }],
  ["0 times infinity: NaN although there is a slope", "sqrt(x^2)^2", { x: 0 }],
  ["Chaos: digits are lost at every step", "iterate(k, 1, 30, y, x, 4*y*(1 - y))", { x: 0.3 }],
  ["Softmax and cross-entropy", "ln(exp(a) + exp(b) + exp(c)) - b", { a: 1, b: 2, c: 0.5 }],
];
const state = { f: GALLERY[0][1], at: { ...GALLERY[0][2] }, size: "", tab: "graph", step: 0, wrt: "", h: -20, by: "", claim: "", seed: 1, to: "text", along: "", beside: "", method: "plain", rate: 0.1, walk: 30, chain: "0", n: 10 };

// The point as the program reads it: x[1], x[2] are x=[…,…].
const pointText = (inputs, at = state.at) => {
  const tree = {};
  for (const name of inputs) {
    const [, base, indices] = /^([^[]+)(?:\[(.*)\])?$/.exec(name);
    const path = indices ? indices.split(",").map((index) => Number(index) - 1) : [];
    if (path.length === 0) tree[base] = at[name];
    else {
      let place = (tree[base] ??= []);
      for (const index of path.slice(0, -1)) place = place[index] ??= [];
      place[path.at(-1)] = at[name];
    }
  }
  const written = (value) => (Array.isArray(value) ? `[${Array.from(value, written).join(",")}]` : String(value));
  return Object.entries(tree).map(([name, value]) => `${name}=${written(value)}`).join(",");
};

const KEYS = ["f", "at", "size", "tab", "step", "wrt", "h", "by", "claim", "seed", "to", "along", "beside", "method", "rate", "walk", "chain", "n"];
// Values of inputs that the function has no more stay while it is typed, but not in the address.
const kept = () => Object.entries(state.at).filter(([name]) => current.inputs.length === 0 || current.inputs.includes(name));
const remember = (() => {
  let timer = 0;
  return () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      const all = new URLSearchParams();
      for (const key of KEYS) {
        const value = key === "at" ? kept().map(([name, x]) => `${name}=${x}`).join(";") : String(state[key]);
        if (value !== "") all.set(key, value);
      }
      if (embedded) all.set("embed", "1");
      history.replaceState(null, "", `#${all}`);
    }, 150);
  };
})();
let embedded = false;
const recall = () => {
  const all = new URLSearchParams(location.hash.slice(1));
  embedded = all.has("embed") || new URLSearchParams(location.search).has("embed");
  for (const key of KEYS.filter((key) => all.has(key))) {
    const value = all.get(key);
    if (key === "at") state.at = Object.fromEntries(value.split(";").filter(Boolean).map((pair) => [pair.slice(0, pair.lastIndexOf("=")), pair.slice(pair.lastIndexOf("=") + 1)]));
    else if (typeof state[key] === "number") state[key] = Number.isFinite(Number(value)) ? Number(value) : state[key];
    else state[key] = value;
  }
};
