// Plays notes with a small synthesizer of its own: one while it is edited, or all notes of a song as a loop.
const typebeatRollSound = (() => {
  const AHEAD_S = 0.25; // notes are put on the sound card's clock this early
  const LOOK_MS = 60;
  const LOUD = 0.3;
  let context = null;
  let out = null;
  let noise = null;
  let now = null; // { notes, beat (s), long (s), began, until (s that are scheduled), timer, ended }
  const told = { heard: 0, playing: false }; // for tests and the curious

  function open() {
    context ??= new AudioContext();
    if (context.state === "suspended") context.resume();
    if (!out) {
      out = new GainNode(context, { gain: LOUD });
      out.connect(new DynamicsCompressorNode(context)).connect(context.destination);
      noise = context.createBuffer(1, context.sampleRate, context.sampleRate);
      const values = noise.getChannelData(0);
      for (let place = 0; place < values.length; place++) values[place] = 2 * Math.random() - 1;
    }
    return out;
  }

  // a level that is struck at `at` and gone after `seconds`
  function struck(at, level, seconds, to) {
    const gain = new GainNode(context, { gain: 0 });
    gain.gain.setValueAtTime(0.0001, at);
    gain.gain.exponentialRampToValueAtTime(level, at + 0.004);
    gain.gain.exponentialRampToValueAtTime(0.0001, at + seconds);
    gain.connect(to);
    return gain;
  }
  function run(source, at, seconds) { source.start(at); source.stop(at + seconds + 0.02); }

  function tone(at, type, hertz, level, seconds, to, from = hertz) {
    const source = new OscillatorNode(context, { type, frequency: from });
    if (from !== hertz) source.frequency.exponentialRampToValueAtTime(hertz, at + 0.05);
    source.connect(struck(at, level, seconds, to));
    run(source, at, seconds);
  }
  function hiss(at, type, hertz, level, seconds, to) {
    const source = new AudioBufferSourceNode(context, { buffer: noise, loop: true });
    source.connect(new BiquadFilterNode(context, { type, frequency: hertz })).connect(struck(at, level, seconds, to));
    run(source, at, seconds);
  }

  const DRUMS = { // by General MIDI note
    36: (at, level, to) => tone(at, "sine", 48, level, 0.3, to, 160),
    38: (at, level, to) => { hiss(at, "highpass", 1500, 0.6 * level, 0.16, to); tone(at, "triangle", 190, 0.5 * level, 0.1, to); },
    39: (at, level, to) => { for (const late of [0, 0.012, 0.024]) hiss(at + late, "bandpass", 1300, 0.6 * level, late ? 0.14 : 0.02, to); },
    37: (at, level, to) => tone(at, "square", 900, 0.2 * level, 0.03, to),
    42: (at, level, to) => hiss(at, "highpass", 8000, 0.4 * level, 0.05, to),
    46: (at, level, to) => hiss(at, "highpass", 7000, 0.4 * level, 0.3, to),
    49: (at, level, to) => hiss(at, "highpass", 5000, 0.4 * level, 1, to),
    76: (at, level, to) => tone(at, "sine", 620, 0.5 * level, 0.08, to),
  };

  function sound(part, { pitch, velocity }, at, seconds, to) {
    const level = (velocity / 127) ** 2;
    const hertz = 440 * 2 ** ((pitch - 69) / 12);
    if (part === "drums") (DRUMS[pitch] ?? DRUMS[76])(at, level, to);
    else if (part === "808") tone(at, "sine", hertz, level, Math.max(0.15, seconds), to, 2 * hertz);
    else if (part === "chords") tone(at, "triangle", hertz, 0.35 * level, Math.max(0.2, seconds), to);
    else { tone(at, "triangle", hertz, 0.6 * level, Math.max(0.2, seconds), to); tone(at, "sine", 2 * hertz, 0.2 * level, 0.15, to); }
    told.heard += 1;
  }

  // one note, at once
  function hear(part, note) {
    const to = open();
    sound(part, note, context.currentTime + 0.01, part === "drums" ? 0 : 0.35, to);
  }

  // notes: () => [{ part, at (beats), long (beats), pitch, velocity }]; ended: called when it stops
  function play(notes, bpm, beats, ended) {
    stop();
    open();
    const to = new GainNode(context);
    to.connect(out);
    now = { notes, beat: 60 / bpm, long: beats * 60 / bpm, began: context.currentTime + 0.05, until: 0, to, ended };
    now.timer = setInterval(schedule, LOOK_MS);
    told.playing = true;
    schedule();
  }
  function schedule() {
    const end = context.currentTime - now.began + AHEAD_S;
    const turn = Math.floor(now.until / now.long);
    for (const each of end > now.until ? now.notes() : []) {
      for (const time of [turn, turn + 1].map((each_turn) => each.at * now.beat + each_turn * now.long)) {
        if (time >= now.until && time < end) sound(each.part, each, now.began + time, each.long * now.beat, now.to);
      }
    }
    now.until = Math.max(now.until, end);
  }
  function stop() {
    if (!now) return;
    const { timer, to, ended } = now;
    clearInterval(timer);
    to.gain.setTargetAtTime(0, context.currentTime, 0.02);
    setTimeout(() => to.disconnect(), 200);
    now = null;
    told.playing = false;
    ended();
  }

  // where it is in beats
  const position = () => now ? Math.max(0, context.currentTime - now.began) % now.long / now.beat : 0;

  return { hear, play, stop, position, isPlaying: () => Boolean(now), told };
})();
window.typebeatRollSound = typebeatRollSound;
