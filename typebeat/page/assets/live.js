// Plays a beat while it is made: pieces come one by one and are queued on the clock of the sound card, so that they join.
const typebeatLive = (() => {
  const LEAD_S = 0.15; // begins this late, so that a piece that comes a little late makes no gap
  let context = null;
  let output = null;
  let next = 0; // when the next piece begins, on the context's clock
  const peaks = []; // of what came so far, one every PEAK_S
  const PEAK_S = 0.05;
  const told = { pieces: 0, seconds: 0, late: 0 }; // for tests and the curious

  // must be called from a click, or browsers stay silent
  function begin() {
    silence();
    context ??= new AudioContext();
    context.resume();
    output = context.createGain();
    output.connect(context.destination);
    Object.assign(told, { pieces: 0, seconds: 0, late: 0 });
    next = 0;
    peaks.length = 0;
    draw();
  }

  function play(json) {
    if (!json || !output) return;
    const { rate, channels, samples } = JSON.parse(json);
    const bytes = Uint8Array.from(atob(samples), (letter) => letter.charCodeAt(0));
    const values = new Int16Array(bytes.buffer);
    const length = values.length / channels;
    const buffer = context.createBuffer(channels, length, rate);
    for (let channel = 0; channel < channels; channel++) {
      const data = buffer.getChannelData(channel);
      for (let i = 0; i < length; i++) data[i] = values[i * channels + channel] / 32768;
    }
    if (next < context.currentTime) {
      if (told.pieces) told.late += 1;
      next = context.currentTime + LEAD_S;
    }
    const source = context.createBufferSource();
    source.buffer = buffer;
    source.connect(output);
    source.start(next);
    next += buffer.duration;
    told.pieces += 1;
    told.seconds += buffer.duration;
    const step = Math.round(rate * PEAK_S);
    const first = buffer.getChannelData(0);
    for (let i = 0; i + step <= length; i += step) peaks.push(first.subarray(i, i + step).reduce((most, value) => Math.max(most, Math.abs(value)), 0));
    draw();
  }

  // the newest peaks that fit, from the left
  function draw() {
    const canvas = document.getElementById("live-wave");
    if (!canvas) return;
    const [wide, high] = [canvas.clientWidth, canvas.clientHeight].map((side) => side * devicePixelRatio);
    Object.assign(canvas, { width: wide, height: high });
    const pen = canvas.getContext("2d");
    pen.fillStyle = getComputedStyle(canvas).color;
    const bar = 4 * devicePixelRatio;
    peaks.slice(-Math.floor(wide / bar)).forEach((peak, place) => {
      const tall = Math.max(2, peak * high);
      pen.fillRect(place * bar, (high - tall) / 2, bar * 0.6, tall);
    });
  }

  function silence() {
    if (!output) return;
    const fading = output;
    fading.gain.setTargetAtTime(0, context.currentTime, 0.02);
    setTimeout(() => fading.disconnect(), 200);
    output = null;
  }

  return { begin, play, silence, told };
})();
window.typebeatLive = typebeatLive;
