// Formulas as browsers set them: the LaTeX that the program writes, as MathML.
"use strict";
const typeset = (() => {
  const named = (words, signs) => words.split(" ").map((word, k) => [word, [...signs][k]]);
  const LETTERS = new Map([
    ...named("alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi rho sigma tau upsilon phi chi psi omega pi", "αβγδεζηθικλμνξρστυφχψωπ"),
    ...named("Gamma Delta Theta Lambda Xi Sigma Phi Psi Omega Pi", "ΓΔΘΛΞΣΦΨΩΠ"),
  ]);
  const SIGNS = new Map([
    ...named("cdot le ge ne partial sum prod dots leftarrow lfloor rfloor lceil rceil times infty", "·≤≥≠∂∑∏…←⌊⌋⌈⌉×∞"),
    ["{", "{"], ["}", "}"], ["_", "_"], ["|", "∥"],
  ]);
  const SPACES = new Map([[",", 0.17], [";", 0.28], ["qquad", 2], ["quad", 1]]);
  const TOKEN = /\s*(\\[a-zA-Z]+|\\.|\d+(?:\.\d+)?|[^\s])/y;
  const element = (name, attributes, ...children) => {
    const made = document.createElementNS("http://www.w3.org/1998/Math/MathML", name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.append(...children);
    return made;
  };

  class Reader {
    constructor(text) {
      this.text = text;
      this.at = 0;
    }
    peek() {
      TOKEN.lastIndex = this.at;
      return TOKEN.exec(this.text)?.[1] ?? "";
    }
    take() {
      TOKEN.lastIndex = this.at;
      const token = TOKEN.exec(this.text)?.[1] ?? "";
      this.at = token === "" ? this.text.length : TOKEN.lastIndex;
      return token;
    }
    // A word in braces, as it stands.
    word() {
      const start = this.text.indexOf("{", this.at) + 1;
      let [end, depth] = [start, 1];
      while (end < this.text.length && depth > 0) depth += { "{": 1, "}": -1 }[this.text[end++]] ?? 0;
      this.at = end;
      return this.text.slice(start, end - 1).replaceAll("\\_", "_");
    }
    // What stands before one of the ends, which is left.
    row(...ends) {
      const made = [];
      for (let next = this.peek(); next !== "" && !ends.includes(next); next = this.peek()) made.push(this.scripted(made.length === 0));
      return made.length === 1 ? made[0] : element("mrow", {}, ...made);
    }
    group() {
      if (this.peek() !== "{") return this.atom(true);
      this.take();
      const made = this.row("}");
      this.take();
      return made;
    }
    scripted(first) {
      const large = ["\\sum", "\\prod", "\\mathop", "\\min", "\\max"].includes(this.peek());
      const base = this.atom(first);
      const scripts = {};
      for (let next = this.peek(); next === "^" || next === "_" || next === "'" || next === "\\limits"; next = this.peek()) {
        this.take();
        if (next === "'") scripts["^"] = element("mo", {}, "′");
        else if (next !== "\\limits") scripts[next] = this.group();
      }
      const { _: below, "^": above } = scripts;
      // A power of brackets that do not grow stands beside the last one.
      const last = base.lastElementChild;
      if (above && !below && last?.getAttribute("form") === "postfix" && last.getAttribute("stretchy") === "false") {
        base.append(element("msup", {}, last, above));
        return base;
      }
      const [under, over, both] = large ? ["munder", "mover", "munderover"] : ["msub", "msup", "msubsup"];
      if (below && above) return element(both, {}, base, below, above);
      if (below) return element(under, {}, base, below);
      return above ? element(over, {}, base, above) : base;
    }
    // The lines of a table, and what stands between their marks.
    table(name) {
      const rows = [[]];
      while (this.peek() !== "" && this.peek() !== "\\end") {
        rows.at(-1).push(element("mtd", { style: name === "aligned" ? `text-align: ${rows.at(-1).length === 0 ? "right" : "left"}; padding: 0.3em 0.12em` : "text-align: left" }, this.row("&", "\\\\", "\\end")));
        const mark = this.peek();
        if (mark === "\\end") break;
        this.take();
        if (mark === "\\\\") {
          rows.push([]);
          if (this.peek() === "[") while (this.take() !== "]") if (this.peek() === "") break;
        }
      }
      this.take();
      this.word();
      const made = element("mtable", name === "aligned" ? { displaystyle: "true" } : {}, ...rows.map((cells) => element("mtr", {}, ...cells)));
      return name === "cases" ? element("mrow", {}, element("mo", { fence: "true", stretchy: "true" }, "{"), made) : made;
    }
    fence() {
      const token = this.take();
      const sign = SIGNS.get(token.slice(1)) ?? token;
      return element("mo", { fence: "true", form: "prefix" }, sign === "." ? "" : sign);
    }
    atom(first) {
      const token = this.peek();
      if (token === "{") return this.group();
      this.take();
      if (/^\d/.test(token)) return element("mn", {}, token);
      if (!token.startsWith("\\")) {
        if (/^[\p{L}]$/u.test(token)) return element("mi", {}, token);
        return element("mo", first && token === "-" ? { form: "prefix" } : {}, token === "-" ? "−" : token);
      }
      const command = token.slice(1);
      switch (command) {
        case "frac": return element("mfrac", {}, this.group(), this.group());
        case "sqrt": {
          if (this.peek() !== "[") return element("msqrt", {}, this.group());
          this.take();
          const degree = this.row("]");
          this.take();
          return element("mroot", {}, this.group(), degree);
        }
        case "left": {
          const open = this.fence();
          const inner = this.row("\\right");
          this.take();
          const close = this.fence();
          close.setAttribute("form", "postfix");
          // Brackets grow around what is tall, and around nothing else.
          const tall = inner.matches("mfrac, munder, munderover, mtable, mroot") || inner.querySelector("mfrac, munder, munderover, mtable, mroot") !== null;
          for (const fence of [open, close]) fence.setAttribute("stretchy", tall);
          return element("mrow", {}, open, inner, close);
        }
        case "begin": return this.table(this.word());
        case "mathop": return this.group();
        case "mathrm":
        case "operatorname": return element("mi", { mathvariant: "normal" }, this.word());
        case "text": return element("mtext", {}, this.word().replaceAll(" ", "\u00a0"));
        case "bmod": return element("mo", { lspace: "0.3em", rspace: "0.3em" }, "mod");
      }
      if (SPACES.has(command)) return element("mspace", { width: `${SPACES.get(command)}em` });
      if (LETTERS.has(command)) return element("mi", {}, LETTERS.get(command));
      if (SIGNS.has(command)) return element("mo", "sum prod".includes(command) ? { largeop: "true" } : {}, SIGNS.get(command));
      return element("mi", {}, command);
    }
  }
  return (latex) => element("math", { display: "block" }, new Reader(latex).row());
})();
