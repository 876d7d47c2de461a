// The piano rolls of a song (drawn by notes.py): what is edited in each, with undo, and how it is drawn. roll_input.js has
// mouse, finger and keyboard.
const typebeatRoll = (() => {
  const GRIDS = { "1/16": 1 / 4, "1/16 triplets": 1 / 6 }; // beats
  const HIT = 1 / 4; // beats that a drum hit is drawn over
  const MOST_UNDONE = 200;
  const NEAR = 1e-3; // beats
  const VELOCITY = 100; // of a new note
  const states = new WeakMap(); // figure -> what is edited there

  // --- notes: { at, long (beats), pitch, velocity }, never changed but replaced, so that undo keeps lists of them ---

  function stateOf(figure) {
    if (!states.has(figure)) {
      const notes = JSON.parse(figure.dataset.notes).map(([at, long, pitch, velocity]) => ({ at, long, pitch, velocity }));
      const rows = JSON.parse(figure.dataset.rows);
      const song = figure.closest(".song");
      const part = figure.dataset.part;
      const beats = song.dataset.bars * beatsOf(song);
      states.set(figure, { figure, song, part, rows, notes, beats, grid: GRIDS["1/16"], past: [], future: [], chosen: null, long: 1 / 2, cursor: { at: 0, row: middle(rows, notes) } });
    }
    return states.get(figure);
  }
  const beatsOf = (song) => { const [count, unit] = song.dataset.metre.split("/"); return 4 * count / unit; };
  function middle(rows, notes) {
    const pitches = notes.map((note) => note.pitch).sort((one, other) => one - other);
    const pitch = pitches[pitches.length >> 1] ?? rows[rows.length >> 1][0];
    return rows.findIndex(([each]) => each === pitch);
  }
  const figures = (song) => [...song.querySelectorAll("figure[data-notes]")];
  const isDrums = (state) => state.part === "drums";
  const rowOf = (state, pitch) => state.rows.findIndex(([each]) => each === pitch);

  function score(song) {
    const { bpm, metre, bars } = song.dataset;
    const parts = figures(song).map((figure) => [figure.dataset.part, stateOf(figure).notes]);
    return { bpm: Number(bpm), metre: metre.split("/").map(Number), end: bars * beatsOf(song), parts };
  }

  // of one pitch no two notes at once: the earlier ends where the later begins, and of two at one place `newest` stays
  function tidied(notes, newest) {
    const sorted = [...notes].sort((one, other) => one.pitch - other.pitch || one.at - other.at || (other === newest) - (one === newest));
    return sorted.flatMap((note, place) => {
      const [before, after] = [sorted[place - 1], sorted[place + 1]];
      if (before && before.pitch === note.pitch && note.at - before.at < NEAR) return [];
      const cut = after && after.pitch === note.pitch && after.at - note.at >= NEAR && after.at < note.at + note.long;
      return [cut ? Object.assign(note === newest ? note : { ...note }, { long: after.at - note.at }) : note];
    });
  }
  function change(state, notes, chosen = null) {
    state.past = [...state.past.slice(-MOST_UNDONE), state.notes];
    state.future = [];
    state.song.dataset.edited = "true";
    state.notes = tidied(notes, chosen);
    choose(state, chosen);
  }
  function travel(state, from, to) {
    if (!from.length) return;
    to.push(state.notes);
    state.notes = from.pop();
    choose(state, null);
  }
  function choose(state, note) {
    state.chosen = note;
    if (note) state.cursor = { at: note.at, row: rowOf(state, note.pitch) };
    draw(state);
    if (note) reveal(state);
    tell(state);
  }

  function add(state, at, row) {
    const begin = Math.min(snapped(state, at, Math.floor), state.beats - state.grid);
    const long = isDrums(state) ? HIT : Math.min(state.long, state.beats - begin);
    const note = { at: begin, long, pitch: state.rows[row][0], velocity: VELOCITY };
    hear(state, note);
    change(state, [...state.notes, note], note);
  }
  function swap(state, old, note) {
    if (note.pitch !== old.pitch) hear(state, note);
    if (note.long !== old.long) state.long = note.long;
    change(state, state.notes.map((each) => each === old ? note : each), note);
  }
  function remove(state, note) { change(state, state.notes.filter((each) => each !== note)); }
  const hear = (state, note) => typebeatRollSound.hear(state.part, note);
  const snapped = (state, at, round = Math.round) => round(at / state.grid + (round === Math.floor ? NEAR : 0)) * state.grid;
  const next = (state, at, way) => (way > 0 ? Math.floor(at / state.grid + NEAR) + 1 : Math.ceil(at / state.grid - NEAR) - 1) * state.grid;

  // a note elsewhere, within the roll
  function moved(state, note, at, rows) {
    const row = Math.max(0, Math.min(state.rows.length - 1, rowOf(state, note.pitch) + rows));
    const latest = state.beats - Math.min(state.grid, note.long);
    const begin = Math.max(0, Math.min(latest, at));
    return { ...note, at: begin, long: Math.min(note.long, state.beats - begin), pitch: state.rows[row][0] };
  }
  function until(state, note, end) {
    return { ...note, long: Math.max(state.grid, Math.min(state.beats, end) - note.at) };
  }

  // --- drawing ---

  function open(figure) {
    const state = stateOf(figure);
    if (figure.classList.contains("editing")) return state;
    figure.classList.add("editing");
    const grids = Object.entries(GRIDS).map(([name, beats]) => `<option value="${beats}">${name}</option>`).join("");
    const tools = [["undo", "Undo"], ["redo", "Redo"], ...isDrums(state) ? [] : [["shorter", "Shorter"], ["longer", "Longer"]], ["remove", "Delete"]];
    const keys = isDrums(state) ? "Enter adds a hit or takes hold of it, arrows move it" : "Enter adds a note or takes hold of it, arrows move it, Shift with arrows changes its length or octave";
    figure.querySelector(".roll-place").innerHTML = `
      <div class="roll-tools" role="group" aria-label="Edit the ${state.part}"><label>Grid <select data-grid>${grids}</select></label>
      ${tools.map(([what, name]) => `<button type="button" class="act" data-do="${what}">${name}</button>`).join("")}</div>
      <div class="roll-scroll"><div class="roll-names" aria-hidden="true">${state.rows.map(([, name]) => `<span>${name}</span>`).join("")}</div>
      <div class="roll-field" tabindex="0" role="application" aria-roledescription="piano roll" aria-label="Notes of the ${state.part}. ${keys}, Delete removes it, Escape lets go."><i class="roll-cursor"></i><i class="roll-head"></i></div></div>
      <p class="roll-said" role="status"></p>
      <p class="hint">Click or tap for a ${isDrums(state) ? "hit, and again to take it away; drag it elsewhere." : "note; drag it elsewhere, or its end for its length."} Keys: ${keys}, Delete removes it, Ctrl+Z undoes.</p>`;
    const field = fieldOf(state);
    const black = isDrums(state) ? [] : state.rows.flatMap(([, name], row) => name.includes("#") ? [row] : []);
    field.insertAdjacentHTML("afterbegin", black.map((row) => `<i class="roll-black" style="--row:${row}"></i>`).join(""));
    field.style.setProperty("--beats", state.beats);
    field.style.setProperty("--rows", state.rows.length);
    field.style.setProperty("--per-bar", beatsOf(state.song));
    grid(state, state.grid);
    draw(state);
    reveal(state, true);
    return state;
  }
  const fieldOf = (state) => state.figure.querySelector(".roll-field");
  function grid(state, beats) {
    state.grid = beats;
    fieldOf(state).style.setProperty("--grid", beats);
  }
  function place(element, state, note) {
    element.style.setProperty("--at", note.at);
    element.style.setProperty("--long", isDrums(state) ? HIT : note.long);
    element.style.setProperty("--row", rowOf(state, note.pitch));
    element.style.setProperty("--loud", 0.45 + 0.55 * note.velocity / 127);
  }
  function draw(state) {
    const field = fieldOf(state);
    if (!field) return;
    for (const old of field.querySelectorAll(".roll-note")) old.remove();
    state.notes.forEach((note, number) => {
      const drawn = Object.assign(document.createElement("i"), { className: `roll-note${note === state.chosen ? " chosen" : ""}` });
      drawn.dataset.number = number;
      place(drawn, state, note);
      field.append(drawn);
    });
    const cursor = field.querySelector(".roll-cursor");
    cursor.style.setProperty("--at", state.cursor.at);
    cursor.style.setProperty("--row", state.cursor.row);
    const can = { undo: state.past.length, redo: state.future.length, remove: state.chosen, shorter: state.chosen, longer: state.chosen };
    for (const button of state.figure.querySelectorAll("[data-do]")) button.disabled = !can[button.dataset.do];
  }

  // scrolls so far that the cursor is in sight; `centred`: to the middle of it
  function reveal(state, centred = false) {
    const scroll = state.figure.querySelector(".roll-scroll");
    const cursor = scroll.querySelector(".roll-cursor");
    const { offsetTop: top, offsetLeft: left, offsetHeight: high, offsetWidth: wide } = cursor; // within the field
    const [tall, broad] = [scroll.clientHeight, scroll.clientWidth - scroll.querySelector(".roll-names").offsetWidth];
    if (centred || top < scroll.scrollTop || top + high > scroll.scrollTop + tall) scroll.scrollTop = top - tall / 2;
    if (left < scroll.scrollLeft || left + wide > scroll.scrollLeft + broad) scroll.scrollLeft = left - broad / 3;
  }

  // what is under the cursor, for whoever does not see it
  function tell(state) {
    const { at, row } = state.cursor;
    const note = state.chosen ?? under(state);
    const perBar = beatsOf(state.song);
    const where = `bar ${Math.floor(at / perBar + NEAR) + 1}, beat ${Number((at % perBar + 1).toFixed(2))}`;
    const long = note && !isDrums(state) ? `, ${Number(note.long.toFixed(2))} beats long` : "";
    const what = state.chosen ? "held" : note ? "a note" : "empty";
    state.figure.querySelector(".roll-said").textContent = `${state.rows[row][1]}, ${where}: ${what}${long}`;
  }
  const under = (state) => state.notes.find((note) => rowOf(state, note.pitch) === state.cursor.row
    && state.cursor.at > note.at - NEAR && state.cursor.at < note.at + (isDrums(state) ? state.grid : note.long) - NEAR);

  // --- listening ---

  function listen(button) {
    const song = button.closest(".song");
    if (button.getAttribute("aria-pressed") === "true") return typebeatRollSound.stop();
    typebeatPlayer.stop();
    typebeatMixer.pause();
    typebeatLive.silence();
    const { bpm, end } = score(song);
    const notes = () => score(song).parts.flatMap(([part, each]) => each.map((note) => ({ ...note, part })));
    typebeatRollSound.play(notes, bpm, end, () => { button.setAttribute("aria-pressed", "false"); song.classList.remove("sounding"); });
    button.setAttribute("aria-pressed", "true");
    song.classList.add("sounding");
    tick(song);
  }
  function tick(song) {
    if (!typebeatRollSound.isPlaying()) return;
    if (!song.isConnected) return typebeatRollSound.stop(); // the page shows something else by now
    for (const head of song.querySelectorAll(".roll-head")) head.style.setProperty("--at", typebeatRollSound.position());
    requestAnimationFrame(() => tick(song));
  }

  // rolls that are to be edited as soon as they are drawn
  function tidy() { for (const figure of document.querySelectorAll("figure[data-opened]:not(.editing)")) open(figure); }

  return { score, tidy, stateOf, fieldOf, isDrums, rowOf, open, grid, draw, place, reveal, under, choose, add, swap, remove, travel, moved, until, snapped, next, hear, listen };
})();
window.typebeatRoll = typebeatRoll;
