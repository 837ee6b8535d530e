// Walks through a stepper: inputs, forward node by node, backward the other way, and the gradient.
"use strict";
function walkThrough(own, { alone = false, from = 0 } = {}) {
  const { output, nodes } = JSON.parse(own.querySelector("script").textContent);
  const says = own.querySelector(".says");
  const slider = own.querySelector("input[type=range]");
  const where = own.querySelector(".where");
  const scroller = own.querySelector(".graph");
  const computed = nodes.filter((node) => node.text !== null);
  const steps = [
    { pass: "start" },
    ...computed.map((node) => ({ pass: "forward", node })),
    ...nodes.slice().reverse().map((node) => ({ pass: "backward", node })),
    { pass: "end" },
  ];
  const firstBackward = 1 + computed.length;
  let now = 0;

  // Text goes in as text, whoever wrote it.
  const element = (name, text, kind) => {
    const made = document.createElement(name);
    if (text !== undefined) made.textContent = text;
    if (kind) made.className = kind;
    return made;
  };
  const slope = (of, by) => `∂${of}/∂${by}`;
  const bracketed = (number) => (number.startsWith("-") ? `(${number})` : number);
  const called = (argument) => argument.to + (argument.which ? ` (argument ${argument.which})` : "");
  const equation = (node) => (node.text === null || node.text === node.label ? node.label : `${node.label} = ${node.text}`);

  const start = () => [
    element("h3", "Start: the inputs are given"),
    element("p", `In the forward pass every node computes its value from its inputs, and keeps it. In the backward pass every node
      receives an upstream gradient, multiplies it by its local gradients, and passes the downstream gradients on.`),
  ];

  const forward = (node) => {
    const given = node.arguments.filter((argument) => !argument.constant).map((argument) => `${argument.to} = ${argument.value}`);
    if (node.more > 0) given.push(`and ${node.more} more`);
    const said = [element("h3", `Forward: ${equation(node)}`)];
    if (given.length > 0) said.push(element("p", `Its arguments: ${[...new Set(given)].join(", ")}.`, "of"));
    const result = element("p", `${node.label} = `, "sum");
    result.append(element("span", node.value, "value"));
    return [...said, result];
  };

  const upstream = (node) => {
    const name = slope(output, node.label);
    const from = (one) => (one.from === null ? `this node is the output, so ${slope(output, output)} = 1` : `from ${one.from}`);
    if (node.upstream.length === 0) return ["No upstream gradient: the output does not depend on it.", `${name} = `];
    if (node.upstream.length === 1) return [`Upstream gradient: ${from(node.upstream[0])}`, `${name} = `];
    const terms = node.upstream.map((one, k) => (k === 0 ? one.gradient : bracketed(one.gradient)));
    return [
      `It receives ${node.upstream.length} upstream gradients, and sums them (${node.upstream.map(from).join(", ")}):`,
      `${name} = ${terms.join(" + ")} = `,
    ];
  };

  const backward = (node) => {
    const [words, sum] = upstream(node);
    const total = element("p", sum, "sum");
    const found = element("span", node.gradient, "slope");
    found.dataset.gradient = node.label;
    total.append(found);
    const said = [element("h3", `Backward: ${equation(node)}`), element("p", words), total];
    const listening = node.arguments.filter((argument) => !argument.constant);
    if (listening.length > 0) {
      const table = element("table");
      const head = element("tr");
      for (const text of ["local gradient", "downstream gradient = upstream × local"]) head.append(element("th", text));
      table.append(head);
      for (const argument of listening) {
        const row = element("tr");
        row.append(element("td", `${slope(node.label, called(argument))} = ${argument.local}`));
        const passes = element("td", `to ${argument.to}: ${bracketed(node.gradient)} × ${bracketed(argument.local)} = `);
        passes.append(element("span", argument.downstream, "slope"));
        row.append(passes);
        table.append(row);
      }
      said.push(table);
      if (node.more > 0) said.push(element("p", `And to ${node.more} more, which are not shown.`));
    } else if (node.text === null) {
      said.push(element("p", "It is an input: the sum of its upstream gradients is its component of the gradient."));
    }
    return said;
  };

  const end = () => [
    element("h3", "End: the gradient of every input shown is complete"),
    element("p", "Gradient descent would now take a step in the opposite direction."),
  ];

  const show = (step) => {
    now = Math.max(0, Math.min(steps.length - 1, step));
    const { pass, node } = steps[now];
    const done = pass === "end";
    own.classList.add("running");
    own.classList.toggle("done", done);
    own.dataset.step = now;
    // What is known at this step: all values that have been computed, and gradients down to this node.
    const known = new Set(nodes.filter((node) => node.text === null).map((node) => node.id));
    const reached = new Set();
    for (const earlier of steps.slice(1, now + 1)) {
      if (earlier.pass === "forward") known.add(earlier.node.id);
      if (earlier.pass === "backward") reached.add(earlier.node.id);
    }
    for (const drawn of own.querySelectorAll(".node")) {
      const id = Number(drawn.dataset.node);
      drawn.classList.toggle("known", known.has(id));
      drawn.classList.toggle("reached", reached.has(id));
      drawn.classList.toggle("now", node !== undefined && node.id === id);
    }
    for (const drawn of own.querySelectorAll(".edge")) {
      const active = node !== undefined && Number(drawn.dataset.to) === node.id;
      drawn.classList.toggle("now", active);
      const back = active && pass === "backward";
      drawn.classList.toggle("back", back);
      drawn.setAttribute(back ? "marker-start" : "marker-end", `url(#${own.id}-${back ? "back" : "to"})`);
      drawn.removeAttribute(back ? "marker-end" : "marker-start");
    }
    // What an edge carries backwards is written on it once its node has been reached.
    for (const written of own.querySelectorAll(".product")) {
      const to = Number(written.dataset.to);
      written.classList.toggle("reached", reached.has(to));
      written.classList.toggle("now", pass === "backward" && node.id === to);
    }
    says.replaceChildren(...(pass === "start" ? start() : pass === "forward" ? forward(node) : pass === "backward" ? backward(node) : end()));
    slider.max = steps.length - 1;
    slider.value = now;
    where.textContent = `step ${now} of ${steps.length - 1}`;
    slider.setAttribute("aria-valuetext", `${where.textContent}, ${pass}${node ? ` at ${node.label}` : ""}`);
    // A button that were disabled would lose the focus, and with it the keys.
    const idle = { first: now === 0, back: now === 0, next: done, last: done };
    for (const [name, off] of Object.entries(idle)) own.querySelector(`[data-go=${name}]`).setAttribute("aria-disabled", off);
    if (node !== undefined) {
      // The node comes into view, the page stays where it is.
      const box = own.querySelector(`.node[data-node="${node.id}"]`).getBoundingClientRect();
      const frame = scroller.getBoundingClientRect();
      scroller.scrollLeft += box.left + box.width / 2 - frame.left - frame.width / 2;
      scroller.scrollTop += box.top + box.height / 2 - frame.top - frame.height / 2;
    }
    own.dispatchEvent(new CustomEvent("step", { detail: now, bubbles: true }));
  };

  // The graph as large as its frame, but not smaller than can be read; what does not fit is moved, by hand or from node to node.
  const picture = scroller.querySelector("svg");
  const natural = picture.viewBox.baseVal;
  const READABLE = 0.62;
  const fitted = () => {
    const most = parseFloat(getComputedStyle(scroller).maxHeight);
    const height = Number.isFinite(most) ? most - 2 : scroller.clientHeight;
    return Math.min(1.3, scroller.clientWidth / natural.width, height / natural.height);
  };
  let size = null;
  // As large as the frame, until a size is chosen.
  const fill = () => {
    if (size === null) picture.style.width = `${Math.max(fitted(), READABLE) * natural.width}px`;
  };
  const setSize = (wanted, at = null) => {
    const least = Math.min(fitted(), READABLE);
    const before = picture.getBoundingClientRect();
    size = Math.max(least, Math.min(3, wanted));
    picture.style.width = `${size * natural.width}px`;
    // What was under the hand, or in the middle, stays there.
    const frame = scroller.getBoundingClientRect();
    const [x, y] = at ?? [frame.left + frame.width / 2, frame.top + frame.height / 2];
    const after = picture.getBoundingClientRect();
    scroller.scrollLeft += after.left + ((x - before.left) / before.width) * after.width - x;
    scroller.scrollTop += after.top + ((y - before.top) / before.height) * after.height - y;
  };
  const shownSize = () => picture.getBoundingClientRect().width / natural.width;
  const zoom = {
    in: () => setSize(shownSize() * 1.3),
    out: () => setSize(shownSize() / 1.3),
    all: () => setSize(fitted()),
  };
  for (const button of own.querySelectorAll("[data-zoom]")) button.addEventListener("click", () => zoom[button.dataset.zoom]());
  scroller.addEventListener("wheel", (event) => {
    if (!event.ctrlKey) return;
    event.preventDefault();
    setSize(shownSize() * 1.0015 ** -event.deltaY, [event.clientX, event.clientY]);
  }, { passive: false });
  // A mouse takes hold of the graph; fingers do so anyway.
  let held = null;
  scroller.addEventListener("pointerdown", (event) => {
    if (event.pointerType === "mouse" && event.button === 0) held = { x: event.clientX, y: event.clientY, moved: false };
  });
  scroller.addEventListener("pointermove", (event) => {
    if (!held || !(event.buttons & 1)) return;
    const [x, y] = [event.clientX - held.x, event.clientY - held.y];
    if (!held.moved && Math.abs(x) + Math.abs(y) < 5) return;
    if (!held.moved) scroller.setPointerCapture(event.pointerId);
    scroller.scrollLeft -= x;
    scroller.scrollTop -= y;
    held = { x: event.clientX, y: event.clientY, moved: true };
  });
  // What ends a move is no click on a node.
  scroller.addEventListener("click", (event) => {
    if (held?.moved) event.stopPropagation();
    held = null;
  }, { capture: true });
  // The frame changes with the window.
  const frames = new ResizeObserver(() => {
    if (!own.isConnected) return frames.disconnect();
    fill();
  });
  frames.observe(scroller);

  const go = {
    first: () => show(0),
    back: () => show(now - 1),
    next: () => show(now + 1),
    backward: () => show(firstBackward),
    last: () => show(steps.length - 1),
    play: () => {
      if (playing) return stop();
      if (now === steps.length - 1) show(0);
      playing = setInterval(() => {
        show(now + 1);
        if (now === steps.length - 1 || !own.isConnected) stop();
      }, 1400);
      label();
    },
  };
  let playing = 0;
  const label = () => (own.querySelector("[data-go=play]").textContent = playing ? "❚❚ Pause" : "▶ Play");
  const stop = () => {
    clearInterval(playing);
    playing = 0;
    label();
  };
  for (const button of own.querySelectorAll("[data-go]")) {
    button.addEventListener("click", () => {
      if (button.dataset.go !== "play" && playing) stop();
      go[button.dataset.go]();
    });
  }
  slider.addEventListener("input", () => show(Number(slider.value)));
  // A node that is clicked is shown in the pass that is running.
  for (const drawn of own.querySelectorAll(".node")) {
    drawn.addEventListener("click", () => {
      const pass = now >= firstBackward ? "backward" : "forward";
      const step = steps.findIndex((step) => step.pass === pass && step.node.id === Number(drawn.dataset.node));
      if (step > 0) show(step);
    });
  }
  // A finger that is drawn over what is said turns the page.
  let touched = null;
  says.addEventListener("touchstart", (event) => (touched = event.changedTouches[0].clientX), { passive: true });
  says.addEventListener("touchend", (event) => {
    const moved = event.changedTouches[0].clientX - (touched ?? event.changedTouches[0].clientX);
    if (Math.abs(moved) > 40) go[moved < 0 ? "next" : "back"]();
  });
  const keys = { ArrowRight: go.next, ArrowLeft: go.back, Home: go.first, End: go.last, "+": zoom.in, "-": zoom.out, 0: zoom.all };
  // Alone on its page a stepper hears every key; among others only those pressed in it. The slider has its own way with keys.
  (alone ? document : own).addEventListener("keydown", (event) => {
    if (event.target === slider || event.ctrlKey || event.metaKey || event.altKey || !(event.key in keys)) return;
    event.preventDefault();
    keys[event.key]();
  });
  fill();
  show(from);
}
const steppers = document.querySelectorAll(".stepper");
for (const own of steppers) {
  // `#step=7` opens at that step; a page of several opens at the start.
  const alone = steppers.length === 1;
  const asked = /^#step=(\d+)$/.exec(location.hash);
  walkThrough(own, { alone, from: alone && asked ? Number(asked[1]) : 0 });
}
