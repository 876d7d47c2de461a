// Writes the notes of a song (drawn by notes.py, edited by roll.js) as a MIDI file, and hands it to the server.
const typebeatNotes = (() => {
  const TICKS = 480; // a quarter note
  const TRACKS = { drums: ["Drums", 9], 808: ["808", 0], melody: ["Melody", 1], chords: ["Chords", 2] }; // name, channel
  let chosen = null; // the song whose notes are to be played

  const bytesOf = (text) => [...text].map((letter) => letter.charCodeAt(0));
  const number = (value, size) => Array.from({ length: size }, (_, place) => value >> 8 * (size - 1 - place) & 255);
  function variable(value) {
    const bytes = [value & 127];
    for (let rest = value >> 7; rest; rest >>= 7) bytes.unshift(rest & 127 | 128);
    return bytes;
  }

  // events: [tick, rank on that tick, bytes]
  function track(events, end) {
    let before = 0;
    const body = events.sort((one, other) => one[0] - other[0] || one[1] - other[1]).flatMap(([tick, , bytes]) => {
      const written = [...variable(tick - before), ...bytes];
      before = tick;
      return written;
    });
    body.push(...variable(end - before), 255, 47, 0);
    return [...bytesOf("MTrk"), ...number(body.length, 4), ...body];
  }

  function midi({ bpm, metre: [count, unit], end, parts }) {
    const last = Math.round(end * TICKS);
    const head = [
      [0, 0, [255, 81, 3, ...number(Math.round(6e7 / bpm), 3)]],
      [0, 0, [255, 88, 4, count, Math.log2(unit), 24, 8]],
    ];
    const tracks = parts.filter(([, notes]) => notes.length).map(([part, notes]) => {
      const [name, channel] = TRACKS[part];
      const events = notes.flatMap(({ at, long, pitch, velocity }) => {
        const begin = Math.round(at * TICKS);
        const finish = Math.min(last, Math.max(begin + 1, Math.round((at + long) * TICKS)));
        return [[begin, 2, [144 + channel, pitch, velocity]], [finish, 1, [128 + channel, pitch, 0]]];
      });
      return track([[0, 0, [255, 3, name.length, ...bytesOf(name)]], ...events], last);
    });
    const header = [...bytesOf("MThd"), ...number(6, 4), ...number(1, 2), ...number(tracks.length + 1, 2), ...number(TICKS, 2)];
    return new Uint8Array([...header, ...track(head, last), ...tracks.flat()]);
  }

  // the file goes through the same door as every upload; the server says so if it did not come
  async function upload(song) {
    const form = new FormData();
    form.append("files", new Blob([midi(typebeatRoll.score(song))], { type: "audio/midi" }), "notes.mid");
    try {
      const [path] = await (await fetch("gradio_api/upload", { method: "POST", body: form })).json();
      return JSON.stringify({ path, use: song.dataset.use });
    } catch {
      return "lost";
    }
  }

  // null chooses none; false if there is nothing to play
  function choose(song) {
    const isEmpty = Boolean(song) && typebeatRoll.score(song).parts.every(([, notes]) => !notes.length);
    if (isEmpty) typebeat.say("There are no notes to play. Add one first.");
    chosen = isEmpty ? null : song;
    return !isEmpty;
  }

  // what a tune or a MIDI file was heard as, if its notes were edited and are in sight
  function own() {
    const song = document.querySelector("#own-heard .song[data-edited]");
    return song?.offsetParent ? song : null;
  }

  async function asked() {
    const song = chosen;
    chosen = null;
    return song ? upload(song) : "";
  }
  async function given(values) {
    const song = chosen ?? own();
    chosen = null;
    return song ? [...values.slice(0, -1), await upload(song)] : values;
  }

  // a button that fills no form presses Make
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-play-notes]");
    if (!button || "again" in button.dataset) return;
    if (button.getAttribute("aria-disabled")) return typebeat.say(button.title);
    if (typebeat.isBusy() || !choose(button.closest(".song"))) return;
    const make = document.getElementById("make");
    if (!make.offsetParent) document.querySelector("#tabs [role=tab]").click();
    make.click();
  });

  return { choose, asked, given, midi };
})();
window.typebeatNotes = typebeatNotes;
