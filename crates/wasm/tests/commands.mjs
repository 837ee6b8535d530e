// The commands in node: a request goes in as text, an answer comes out.
export const load = async (bytes) => {
  const { instance } = await WebAssembly.instantiate(bytes, {});
  const { memory, alloc, free, call } = instance.exports;
  return (request) => {
    const text = new TextEncoder().encode(request);
    const place = alloc(text.length);
    new Uint8Array(memory.buffer, place, text.length).set(text);
    const found = BigInt.asUintN(64, call(place, text.length));
    const [at, length] = [Number(found >> 32n), Number(found & 0xffffffffn)];
    const answer = new TextDecoder().decode(new Uint8Array(memory.buffer, at, length));
    free(at, length);
    return answer;
  };
};
