// A thread that runs the commands: a text goes in, a text comes out.
"use strict";
let wasm = null;
let ready = null;
const encoder = new TextEncoder();
const decoder = new TextDecoder();
const call = (request) => {
  const { memory, alloc, free, call } = wasm.exports;
  const bytes = encoder.encode(request);
  const place = alloc(bytes.length);
  new Uint8Array(memory.buffer, place, bytes.length).set(bytes);
  const found = BigInt.asUintN(64, call(place, bytes.length));
  const [at, length] = [Number(found >> 32n), Number(found & 0xffffffffn)];
  const answer = decoder.decode(new Uint8Array(memory.buffer, at, length));
  free(at, length);
  return answer;
};
onmessage = async ({ data }) => {
  try {
    if (data.module) {
      ready = WebAssembly.instantiate(data.module, {});
      return;
    }
    wasm = await ready;
    postMessage({ id: data.id, answer: call(data.request) });
  } catch (error) {
    // What is left of the memory is not to be trusted: the page begins again.
    postMessage({ id: data.id, failed: String(error) });
  }
};
