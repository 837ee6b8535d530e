// Small things that all parts use.
"use strict";
const $ = (selector, within = document) => within.querySelector(selector);
// Text goes in as text, whoever wrote it.
const make = (name, attributes = {}, ...children) => {
  const svg = ["svg", "path", "line", "text", "g", "rect", "circle", "title"].includes(name);
  const made = svg ? document.createElementNS("http://www.w3.org/2000/svg", name) : document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else if (value !== null && value !== false) made.setAttribute(key, value === true ? "" : value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
};
// JSON has no infinities; the documents write them as words.
const real = (value) => (typeof value === "string" ? { NaN, Infinity, "-Infinity": -Infinity }[value] : value);
const shown = (value) => {
  const number = real(value);
  if (number === null || number === undefined) return "–";
  return Object.is(number, -0) ? "-0" : String(number).replace("Infinity", "inf");
};
// How many significant digits of a number are right.
const rightDigits = (found, truth) => {
  if (Object.is(found, truth) || found === truth) return 17;
  if (!Number.isFinite(found) || !Number.isFinite(truth) || truth === 0) return 0;
  return Math.max(0, Math.floor(-Math.log10(Math.abs((found - truth) / truth))));
};
// The digits of a number, right ones and wrong ones: told apart by colour and by underline.
const digits = (value, truth) => {
  const number = real(value);
  const text = shown(number);
  const right = rightDigits(number, truth);
  const figures = make("span", { class: "digits" });
  const cell = make("span", {}, figures, " ");
  const [, mantissa, exponent] = /^(-?[\d.]+)(e.*)?$/.exec(text) ?? [];
  if (mantissa === undefined || right >= 17) {
    figures.append(make("span", { class: right >= 17 ? "right" : "wrong" }, text));
  } else {
    let significant = 0;
    let end = 0;
    while (end < mantissa.length && significant < right) {
      if (/[1-9]/.test(mantissa[end]) || (significant > 0 && mantissa[end] === "0")) significant += 1;
      end += 1;
    }
    figures.append(make("span", { class: "right" }, mantissa.slice(0, end)));
    if (end < mantissa.length) figures.append(make("span", { class: "wrong" }, mantissa.slice(end)));
    if (exponent) figures.append(make("span", { class: "right" }, exponent));
  }
  const said = right >= 17 ? "exact" : `${right} ${right === 1 ? "digit" : "digits"} right`;
  cell.append(make("small", {}, said));
  return cell;
};
const copyText = async (text, button) => {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const area = make("textarea", {}, text);
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
  const before = button.textContent;
  button.textContent = "Copied";
  setTimeout(() => (button.textContent = before), 1200);
};
// Numbers that are the same for the same seed.
const random = (seed) => {
  let a = (seed * 2654435761) >>> 0;
  return () => {
    a = (a + 0x6d2b79f5) >>> 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
};
