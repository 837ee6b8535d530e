// Asks the commands, in threads, so that the page stays awake whatever is asked.
"use strict";
const engine = (() => {
  const PATIENCE = 20000;
  const source = URL.createObjectURL(new Blob([document.getElementById("worker").textContent], { type: "text/javascript" }));
  // The browser decodes, unpacks and compiles, one piece after the other.
  const compiled = (async () => {
    const packed = await fetch(`data:application/octet-stream;base64,${document.getElementById("wasm").textContent.trim()}`);
    const unpacked = packed.body.pipeThrough(new DecompressionStream("gzip"));
    return WebAssembly.compileStreaming(new Response(unpacked, { headers: { "Content-Type": "application/wasm" } }));
  })();

  // One thread: asks one thing at a time, and of what waits only the newest of each kind.
  class Lane {
    constructor() {
      this.waiting = new Map();
      this.running = null;
      this.count = 0;
      this.start();
    }
    start() {
      const worker = (this.worker = new Worker(source));
      worker.onmessage = ({ data }) => {
        if (this.running && data.id === this.running.id) this.settle(data.failed ? { error: broken(data.failed) } : JSON.parse(data.answer));
        if (data.failed) this.restart();
      };
      worker.onerror = (event) => {
        if (this.running) this.settle({ error: broken(event.message) });
        this.restart();
      };
      this.ready = compiled.then((module) => worker.postMessage({ module }));
    }
    restart() {
      this.worker.terminate();
      this.start();
    }
    settle(answer) {
      const { done, timer } = this.running;
      clearTimeout(timer);
      this.running = null;
      done(answer);
      this.next();
    }
    // Resolves to nothing where something newer of the same kind took its place.
    ask(kind, request) {
      this.waiting.get(kind)?.done(null);
      return new Promise((done) => {
        this.waiting.delete(kind);
        this.waiting.set(kind, { kind, request, done });
        // What is out of date and takes long is not waited for.
        if (this.running?.kind === kind && performance.now() - this.running.since > 300) {
          this.restart();
          this.settle(null);
        } else this.next();
      });
    }
    async next() {
      const { ready } = this;
      await ready;
      // Another thread has been started meanwhile.
      if (ready !== this.ready) return this.next();
      const [kind, job] = this.waiting.entries().next().value ?? [];
      if (!job || this.running) return;
      this.waiting.delete(kind);
      const timer = setTimeout(() => {
        this.restart();
        this.settle({ error: broken(`stopped after ${PATIENCE / 1000} seconds`) });
      }, PATIENCE);
      this.running = { ...job, id: ++this.count, since: performance.now(), timer };
      this.worker.postMessage({ id: this.running.id, request: JSON.stringify(job.request) });
    }
  }
  const broken = (message) => ({ message, shown: `error: ${message}`, place: null });
  return { quick: new Lane(), gradients: new Lane(), slow: new Lane(), compiled };
})();
