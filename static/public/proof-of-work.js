/* Solves ALTCHA's puzzle (the number whose SHA-256 was asked for) before a form is sent. By itself, so that it also
   works on pages without HTTPS, where browsers offer no hashes. data-challenge holds the puzzle, or data-from the
   address that has it. */
(() => {
  "use strict";
  const PIECE = 2000;
  const primes = [];
  for (let n = 2; primes.length < 64; n++) if (primes.every((prime) => n % prime)) primes.push(n);
  // The standard takes them from the fractions of roots of primes.
  const fraction = (root) => ((root - Math.floor(root)) * 2 ** 32) | 0;
  const K = primes.map((prime) => fraction(Math.cbrt(prime)));
  const H = primes.slice(0, 8).map((prime) => fraction(Math.sqrt(prime)));
  const turn = (word, by) => (word >>> by) | (word << (32 - by));

  function sha256(text) {
    const bits = text.length * 8;
    const blocks = new Int32Array((((text.length + 8) >> 6) + 1) * 16);
    for (let i = 0; i < text.length; i++) blocks[i >> 2] |= text.charCodeAt(i) << (24 - (i % 4) * 8);
    blocks[text.length >> 2] |= 0x80 << (24 - (text.length % 4) * 8);
    blocks[blocks.length - 1] = bits;
    const sum = Int32Array.from(H);
    const w = new Int32Array(64);
    for (let at = 0; at < blocks.length; at += 16) {
      let [a, b, c, d, e, f, g, h] = sum;
      for (let i = 0; i < 64; i++) {
        if (i < 16) w[i] = blocks[at + i];
        else {
          const early = turn(w[i - 15], 7) ^ turn(w[i - 15], 18) ^ (w[i - 15] >>> 3);
          const late = turn(w[i - 2], 17) ^ turn(w[i - 2], 19) ^ (w[i - 2] >>> 10);
          w[i] = w[i - 16] + early + w[i - 7] + late;
        }
        const one = (h + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + ((e & f) ^ (~e & g)) + K[i] + w[i]) | 0;
        const two = ((turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
        [h, g, f, e, d, c, b, a] = [g, f, e, (d + one) | 0, c, b, a, (one + two) | 0];
      }
      [a, b, c, d, e, f, g, h].forEach((word, i) => { sum[i] += word; });
    }
    return Array.from(sum, (word) => (word >>> 0).toString(16).padStart(8, "0")).join("");
  }

  async function solve(asked) {
    for (let number = 0; number <= asked.maxNumber; number++) {
      if (sha256(asked.salt + number) === asked.challenge) {
        const { algorithm, challenge, salt, signature } = asked;
        return btoa(JSON.stringify({ algorithm, challenge, number, salt, signature }));
      }
      // Whoever types meanwhile shall not notice.
      if (number % PIECE === 0) await new Promise((resolve) => setTimeout(resolve));
    }
    return "";
  }

  async function asked(input) {
    if (input.dataset.challenge) return JSON.parse(input.dataset.challenge);
    return (await (await fetch(input.dataset.from)).json()).challenge;
  }

  for (const input of document.querySelectorAll("input[name=altcha]")) {
    const form = input.form;
    let work = null;
    const begin = () => (work ||= asked(input).then(solve).then((solution) => { input.value = solution; })
      .catch(() => { work = null; }));
    form.addEventListener("focusin", begin, { once: true });
    form.addEventListener("submit", (event) => {
      if (input.value) return;
      event.preventDefault();
      form.setAttribute("aria-busy", "true");
      begin().finally(() => {
        form.removeAttribute("aria-busy");
        // Even without a solution: the page that answers tells what to do.
        form.submit();
      });
    });
  }
})();
