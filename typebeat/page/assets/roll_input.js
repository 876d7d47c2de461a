// Edits piano rolls (roll.js) with a mouse, a finger or the keyboard.
(() => {
  const { stateOf, fieldOf, isDrums, open, grid, draw, place, reveal, under, choose, add, swap, remove, travel, moved, until, snapped, next, hear, listen } = typebeatRoll;
  const DRAGGED_PX = 4; // from there on it is no click
  const EDGE_PX = 10; // at a note's end, which changes its length
  let drag = null;
  let isOnNote = false; // where the pointer went down; the note may be drawn anew before the click

  // --- mouse and finger ---

  function spot(state, event) {
    const field = fieldOf(state);
    const { left, top, width, height } = field.getBoundingClientRect();
    const row = Math.floor((event.clientY - top) / height * state.rows.length);
    return { at: (event.clientX - left) / width * state.beats, row: Math.max(0, Math.min(state.rows.length - 1, row)) };
  }
  function down(event) {
    const drawn = event.target.closest?.(".roll-note");
    isOnNote = Boolean(drawn);
    if (!drawn || event.button) return;
    const state = stateOf(drawn.closest("figure"));
    const note = state.notes[drawn.dataset.number];
    const { right, width } = drawn.getBoundingClientRect();
    const isEnd = !isDrums(state) && right - event.clientX <= Math.min(EDGE_PX, width / 3);
    drag = { state, drawn, note, now: note, isEnd, x: event.clientX, y: event.clientY, from: spot(state, event), begun: false };
    drawn.setPointerCapture(event.pointerId);
    fieldOf(state).focus({ preventScroll: true });
    event.preventDefault();
  }
  function move(event) {
    if (!drag) return;
    const { state, note, from, isEnd, x, y, drawn } = drag;
    drag.begun ||= Math.hypot(event.clientX - x, event.clientY - y) >= DRAGGED_PX;
    if (!drag.begun) return;
    const to = spot(state, event);
    const aimed = isEnd ? until(state, note, snapped(state, note.at + note.long + to.at - from.at))
      : moved(state, note, snapped(state, note.at + to.at - from.at), to.row - from.row);
    if (aimed.pitch !== drag.now.pitch) hear(state, aimed);
    drag.now = aimed;
    place(drawn, state, aimed);
  }
  function up() {
    if (!drag) return;
    const { state, note, now, begun } = drag;
    drag = null;
    const same = now.at === note.at && now.pitch === note.pitch && now.long === note.long;
    if (!same) return swap(state, note, now);
    if (!begun && isDrums(state)) return remove(state, note);
    if (!begun) hear(state, note);
    choose(state, note);
  }
  function cancel() {
    if (!drag) return;
    const { state } = drag;
    drag = null;
    draw(state);
  }
  document.addEventListener("pointerdown", down);
  document.addEventListener("pointermove", move);
  document.addEventListener("pointerup", up);
  document.addEventListener("pointercancel", cancel);

  document.addEventListener("click", (event) => {
    const field = event.target.closest?.(".roll-field");
    const figure = event.target.closest?.(".song figure");
    if (field && !isOnNote) { // a finger that scrolls the roll makes no click
      const state = stateOf(figure);
      const { at, row } = spot(state, event);
      add(state, at, row);
    }
    const button = event.target.closest?.("button");
    if (!button) return;
    if (button.matches("[data-edit]")) fieldOf(open(figure)).focus({ preventScroll: true });
    if (button.matches("[data-do]")) act(stateOf(figure), button.dataset.do);
    if (button.matches("[data-listen]")) listen(button);
  });
  document.addEventListener("change", (event) => {
    if (event.target.matches?.("[data-grid]")) grid(stateOf(event.target.closest("figure")), Number(event.target.value));
  });

  // --- keyboard ---

  function act(state, what) {
    const note = state.chosen;
    if (what === "undo") travel(state, state.past, state.future);
    if (what === "redo") travel(state, state.future, state.past);
    if (what === "remove" && note) remove(state, note);
    if (what === "shorter" && note) swap(state, note, until(state, note, next(state, note.at + note.long, -1)));
    if (what === "longer" && note) swap(state, note, until(state, note, next(state, note.at + note.long, 1)));
  }
  const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  function pressed(state, event) {
    const { key, shiftKey } = event;
    const note = state.chosen;
    if (event.ctrlKey || event.metaKey) {
      if (!"zy".includes(key.toLowerCase())) return false;
      act(state, key.toLowerCase() === "y" || shiftKey ? "redo" : "undo");
      return true;
    }
    if (key === "Escape") { if (drag) cancel(); else choose(state, null); return true; }
    if (key === "Delete" || key === "Backspace") { const at = note ?? under(state); if (at) remove(state, at); return true; }
    if (key === "Enter" || key === " ") {
      const found = under(state);
      if (note) choose(state, null);
      else if (found) { hear(state, found); choose(state, found); } else add(state, state.cursor.at, state.cursor.row);
      return true;
    }
    if (!(key in ARROWS)) return false;
    const [way, rows] = ARROWS[key];
    if (note && shiftKey && !isDrums(state)) {
      if (way) act(state, way > 0 ? "longer" : "shorter");
      else swap(state, note, moved(state, note, note.at, 12 * rows));
    } else if (note) swap(state, note, moved(state, note, way ? next(state, note.at, way) : note.at, rows));
    else {
      const at = way ? next(state, state.cursor.at, way) : state.cursor.at;
      const row = state.cursor.row + rows;
      state.cursor = { at: Math.max(0, Math.min(state.beats - state.grid, at)), row: Math.max(0, Math.min(state.rows.length - 1, row)) };
      choose(state, null);
      reveal(state);
    }
    return true;
  }
  document.addEventListener("keydown", (event) => {
    if (event.target.matches?.(".roll-field") && pressed(stateOf(event.target.closest("figure")), event)) event.preventDefault();
  });
})();
