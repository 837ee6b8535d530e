// Asks the WebAssembly and the program the same, and compares their JSON: node same.mjs chainrule.wasm compare [cases]
// With CHAINRULE_ALL=1 everything there is, which takes minutes; else all functions of the library, and of the rest every third.
import { readFileSync, existsSync } from "node:fs";
import { execFile } from "node:child_process";
import { availableParallelism } from "node:os";
import { Worker, isMainThread, parentPort, workerData } from "node:worker_threads";
import { load } from "./commands.mjs";

// In a thread of its own: answers each request that comes.
if (!isMainThread) {
  const ask = await load(readFileSync(workerData));
  parentPort.on("message", (request) => parentPort.postMessage(ask(request)));
}

const [, , file, program, folder] = process.argv;

// Values of these are the platform's, not ours: their last bits may differ, and the functions that use them are listed apart.
const PLATFORM = /\b(pow|powi|exp2|log2|log10|cbrt|sinh|cosh|tanh|asin|acos|atan|atan2|asinh|acosh|atanh|expm1|ln1p|lgamma|erf|erfc|hypot|root|log)\b|\^/;

const native = (args) =>
  new Promise((done) => {
    execFile(program, args, { maxBuffer: 1 << 28, timeout: 300000 }, (error, stdout, stderr) => done({ code: error?.code ?? error?.signal ?? 0, stopped: error?.killed, stdout, stderr }));
  });

// What such a difference may change: values, and what is measured of them; never a word, a formula or a count.
const MEASURED = /\/(value|value_limit|gradient|local|upstream|downstream|error_estimate|ulp|reference|condition)(\/|$)/;
const near = (a, b) => typeof a === "number" && typeof b === "number";

// Leaves that differ: [path, ours, theirs]. How many bytes a thing takes depends on how wide addresses are.
const differences = (a, b, path = "", found = []) => {
  if (a !== null && b !== null && typeof a === "object" && typeof b === "object") {
    const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
    keys.delete("bytes");
    for (const key of keys) differences(a[key], b[key], `${path}/${key}`, found);
  } else if (!Object.is(a, b)) found.push([path, a, b]);
  return found;
};

const rows = (path) => {
  const lines = readFileSync(path, "utf8").split("\n").filter((line) => line && !line.startsWith("#"));
  const names = lines[0].split("\t");
  return lines.slice(1).map((line) => Object.fromEntries(line.split("\t").map((cell, k) => [names[k], cell])));
};

// The same functions in every run.
const generated = (count) => {
  let a = 20;
  const random = (n) => {
    a = (Math.imul(a, 1664525) + 1013904223) >>> 0;
    return Math.floor((a / 4294967296) * n);
  };
  const leaf = () => ["x", "y", "z", "2", "0.5", "3", "x", "y"][random(8)];
  const expression = (depth) => {
    if (depth === 0) return leaf();
    const [u, v] = [expression(depth - 1 - random(2) * (depth > 1)), expression(depth - 1)];
    const one = ["sin", "cos", "exp", "tanh", "sqrt", "abs", "ln", "sigmoid", "softplus"][random(9)];
    return [`(${u} + ${v})`, `(${u} - ${v})`, `${u}*${v}`, `(${u})/(${v})`, `${one}(${u})`, `max(${u}, ${v})`, `(${u})^2`][random(7)];
  };
  return Array.from({ length: count }, () => expression(3)).map((text) => `x*y + z + ${text}`);
};

const ALL = process.env.CHAINRULE_ALL === "1";
const some = (list) => (ALL ? list : list.filter((_, k) => k % 3 === 0));
// Six hundred steps certified to the last digit, twice.
const LONG = /iterate\(k,1,(600|50),/;
const jobs = [];
const add = (name, expression, request, args) => jobs.push({ name, expression, request, args });
const at = (expression, where, size) => {
  const sizes = size ? [size] : [];
  const options = [...sizes.flatMap((size) => ["--size", size]), ...(where ? ["--at", where] : [])];
  const asked = { function: { expression, size: sizes }, points: { at: where ? [where] : [] } };
  add("compare", expression, { command: "compare", ...asked }, [expression, ...options, "--no-times", "--format", "json"]);
  add("trace", expression, { command: "trace", ...asked }, ["trace", expression, ...options, "--format", "json"]);
};
const derive = (expression) => add("derive", expression, { command: "derive", function: { expression } }, ["derive", expression, "--format", "json"]);

const collect = async () => {
  const catalogue = JSON.parse((await native(["functions", "--format", "json"])).stdout);
  const [example, place] = ["example", "at"].map((name) => catalogue.columns.indexOf(name));
  for (const row of catalogue.rows) at(row[example], row[place]);
  for (const { expression } of some(rows(new URL("../../../tests/program/textbook.tsv", import.meta.url)))) at(expression), derive(expression);
  for (const expression of some(generated(140))) at(expression, "x=0.7,y=-1.3,z=2.1");
  for (const text of ["x +", "sinn(x)", "x y"]) at(text, "x=1");
  if (folder && existsSync(folder)) {
    for (const { expression, at: where, sizes } of some(rows(`${folder}/points.tsv`)).filter(({ expression }) => ALL || !LONG.test(expression))) at(expression, where, sizes === "-" ? null : sizes);
    for (const { expression } of some(rows(`${folder}/formulas.tsv`))) derive(expression);
    for (const { expression, claim } of some(rows(`${folder}/claims.tsv`))) {
      const [, input, formula] = /^(.*?)=(.*)$/.exec(claim);
      add("check", expression, { command: "check", function: { expression }, claims: [{ input: input.trim(), formula: formula.trim() }] }, ["check", expression, "--claim", claim, "--format", "json"]);
    }
  } else console.log("skipped: the cases are not here");
};

// A thread for each core, which has the commands to itself; each asks the program too.
const [tally, functions, times] = [{ same: 0, platform: [], wrong: [] }, new Set(), []];
let next = 0;
const work = async () => {
  const thread = new Worker(new URL(import.meta.url), { workerData: file });
  const ask = (request) => new Promise((done, failed) => {
    thread.removeAllListeners();
    thread.once("message", done);
    thread.once("error", failed);
    thread.postMessage(JSON.stringify(request));
  });
  while (next < jobs.length) {
    const job = jobs[next++];
    const begin = performance.now();
    const theirs = await native(job.args);
    const middle = performance.now();
    const ours = theirs.stopped ? null : JSON.parse(await ask(job.request));
    times.push([performance.now() - middle, middle - begin, `${job.name} ${job.expression}`]);
    functions.add(job.expression);
    judge(job, theirs, ours);
  }
  await thread.terminate();
};

const judge = ({ name, expression }, theirs, ours) => {
  const line = `${name} ${expression}`;
  if (theirs.stopped) return tally.wrong.push(`${line}: the program took more than 5 minutes`);
  if (theirs.stdout === "") {
    const message = ours.error?.shown.split("\n")[0];
    if (message !== undefined && theirs.code !== 0 && theirs.stderr.includes(message)) return (tally.same += 1);
    return tally.wrong.push(`${line}: the program ended with ${theirs.code} and says ${theirs.stderr.split("\n")[0]}, not ${message}`);
  }
  if (ours.error) return tally.wrong.push(`${line}: ${ours.error.message}, which the program answers`);
  const found = differences(ours.document, JSON.parse(theirs.stdout));
  if (found.length === 0) return (tally.same += 1);
  const said = found.slice(0, 3).map(([path, a, b]) => `${path}: ${JSON.stringify(a)} and ${JSON.stringify(b)}`).join("; ");
  const rests = PLATFORM.test(`${expression} ${JSON.stringify(ours.document)}`) && found.every(([path, a, b]) => MEASURED.test(path) && near(a, b));
  tally[rests ? "platform" : "wrong"].push(`${line}: ${said}`);
};

if (isMainThread) {
  await collect();
  await Promise.all(Array.from({ length: availableParallelism() }, work));
  for (const line of tally.platform) console.log(`platform's library: ${line}`);
  for (const line of tally.wrong) console.log(`DIFFERENT: ${line}`);
  times.sort(([a, b], [c, d]) => c + d - a - b);
  if (process.env.CHAINRULE_TIMES) for (const [ours, theirs, line] of times.slice(0, 20)) console.log(`${ours.toFixed(0)} and ${theirs.toFixed(0)} ms: ${line}`);
  console.log(`${functions.size} functions, ${jobs.length} answers: ${tally.same} the same, ${tally.platform.length} differ in last digits by the platform's library, ${tally.wrong.length} differ`);
  process.exit(tally.wrong.length === 0 && functions.size >= 200 ? 0 : 1);
}
