// Plays the parts of a beat together: every part starts at one time of the sound card's clock, so they stay in time, and
// loops without a gap. Levels are gains that are there all along, so that mute and solo are heard at once.
const typebeatParts = (() => {
  const LEAD_S = 0.02; // between the order to start and the start
  const FADE_S = 0.004; // of gains and of what stops, so that nothing clicks
  const SAFE = 0.9; // below it nothing is bent; a mastered beat stays below it
  const EAR = 1024; // samples that a part's level is taken from
  const heardValues = new Float32Array(EAR);
  const KEPT = 12; // decoded parts; each takes some megabytes
  let context = null;
  let sum = null;
  let master = null; // hears the sum
  const tracks = new Map(); // part -> { gain, ear }
  const decoded = new Map(); // address -> AudioBuffer
  let now = null; // { sources, began (clock of the context at position 0), seconds, loop }
  let at = 0; // position in seconds while nothing plays

  function open(rate) {
    if (context) return context.resume();
    try { context = new AudioContext({ sampleRate: rate }); } catch { context = new AudioContext(); }
    sum = new GainNode(context);
    master = new AnalyserNode(context, { fftSize: 2048 });
    // parts that were turned up are bent at the top instead of cut off
    const reach = 4;
    const down = new GainNode(context, { gain: 1 / reach });
    const curve = Float32Array.from({ length: 8193 }, (_, place) => bent(reach * (place / 4096 - 1)));
    sum.connect(down).connect(new WaveShaperNode(context, { curve })).connect(master).connect(context.destination);
    return context.resume();
  }
  function bent(value) {
    const size = Math.abs(value);
    return size <= SAFE ? value : Math.sign(value) * (SAFE + (1 - SAFE) * Math.tanh((size - SAFE) / (1 - SAFE)));
  }

  async function load(src) {
    if (decoded.has(src)) return decoded.get(src);
    const answer = await fetch(src);
    if (!answer.ok) throw new Error("gone");
    const buffer = await context.decodeAudioData(await answer.arrayBuffer());
    while (decoded.size >= KEPT) decoded.delete(decoded.keys().next().value);
    decoded.set(src, buffer);
    return buffer;
  }

  function track(part) {
    if (!tracks.has(part)) {
      const gain = new GainNode(context);
      const ear = new AnalyserNode(context, { fftSize: EAR });
      gain.connect(ear).connect(sum);
      tracks.set(part, { gain, ear });
    }
    return tracks.get(part);
  }

  // sources: part -> address; resolves once it plays, from `from` or, where something plays already, from where that is
  async function play(sources, rate, loop, wanted, from = null) {
    await open(rate);
    const parts = Object.keys(sources);
    const buffers = await Promise.all(parts.map((part) => load(sources[part])));
    if (!wanted()) return false; // somebody pressed pause while it was loaded
    const seconds = buffers[0].duration;
    const when = context.currentTime + LEAD_S;
    const start = from ?? (now ? (position() + LEAD_S) % seconds : at) % seconds;
    silence(when);
    const started = parts.map((part, place) => {
      const fade = new GainNode(context, { gain: 0 });
      fade.gain.setTargetAtTime(1, when, start ? FADE_S / 4 : FADE_S / 40);
      const source = new AudioBufferSourceNode(context, { buffer: buffers[place], loop });
      source.connect(fade).connect(track(part).gain);
      source.start(when, start);
      return { source, fade };
    });
    now = { sources: started, began: when - start, seconds, loop };
    return true;
  }

  function silence(when) {
    if (!now) return;
    for (const { source, fade } of now.sources) {
      source.onended = () => fade.disconnect();
      fade.gain.setTargetAtTime(0, when, FADE_S / 4);
      source.stop(when + 3 * FADE_S);
    }
    now = null;
  }

  function pause() {
    if (!now) return;
    at = position();
    silence(context.currentTime);
  }

  function position() {
    if (!now) return at;
    const gone = Math.max(0, context.currentTime - now.began);
    return now.loop ? gone % now.seconds : Math.min(gone, now.seconds);
  }

  function setLoop(loop) {
    if (!now) return;
    now.began = context.currentTime - position();
    now.loop = loop;
    for (const { source } of now.sources) source.loop = loop;
  }

  function setGain(part, value) {
    if (context) track(part).gain.gain.setTargetAtTime(value, context.currentTime, FADE_S);
  }

  // the root mean square of what is heard just now, of a part or of all
  function heard(part) {
    const ear = part ? tracks.get(part)?.ear : master;
    if (!ear || !now) return 0;
    const values = part ? heardValues : new Float32Array(ear.fftSize);
    ear.getFloatTimeDomainData(values);
    let energy = 0;
    for (const value of values) energy += value * value;
    return Math.sqrt(energy / values.length);
  }

  return {
    play, pause, position, setLoop, setGain, heard,
    seek: (seconds) => { at = seconds; },
    isPlaying: () => Boolean(now),
    isOver: () => Boolean(now) && !now.loop && position() >= now.seconds,
    // for tests and the curious
    told: () => ({
      sources: now?.sources.length ?? 0,
      loops: now?.sources.map(({ source }) => source.loop) ?? [],
      lengths: now?.sources.map(({ source }) => source.buffer.length) ?? [],
      rate: context?.sampleRate ?? 0,
      gains: Object.fromEntries([...tracks].map(([part, { gain }]) => [part, gain.gain.value])),
    }),
  };
})();
window.typebeatParts = typebeatParts;
