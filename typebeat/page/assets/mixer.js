// The mixer under a finished beat (drawn by mixer.py): what its buttons do; mixer_sound.js plays the parts.
const typebeatMixer = (() => {
  const SILENT_DB = -40; // the lowest level, at which a part is silent
  let place = null; // holds the mixer, or nothing
  let trigger = () => {};
  let pack = ""; // the beat that is shown
  let wanted = false; // whether it should play
  let loop = true;
  let ticking = false;
  let focused = null; // [part, selector] of the control that had the focus, for the time when the mixer is drawn anew
  let request = ""; // what is to be made anew, for the server
  const settings = new Map(); // part -> { level in dB, mute, solo, lock }
  const FRESH = { level: 0, mute: false, solo: false, lock: false };

  const mixer = () => place?.querySelector(".mixer");
  const strips = () => [...(mixer()?.querySelectorAll(".strip") ?? [])];
  const setting = (part) => settings.get(part) ?? settings.set(part, { ...FRESH }).get(part);
  const said = (strip) => strip.dataset.said;
  const listed = (names) => names.length > 1 ? `${names.slice(0, -1).join(", ")} and ${names.at(-1)}` : names.join("");
  const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

  function mount(element, triggers) {
    place = element;
    trigger = triggers;
    element.addEventListener("click", clicked);
    element.addEventListener("input", moved);
    element.addEventListener("dblclick", (event) => { if (event.target.matches(".level input")) level(event.target, 0); });
    element.addEventListener("pointerdown", touched);
    element.addEventListener("focusin", ({ target }) => {
      const kind = [...target.classList].map((name) => `.${name}`).join("") || target.tagName.toLowerCase();
      focused = [target.closest(".strip")?.dataset.part ?? "", kind];
    });
    new MutationObserver(changed).observe(element, { childList: true, subtree: true });
    changed();
  }

  // the mixer was drawn: of the same beat, of one made on from it, of another, or it is gone
  function changed() {
    const shown = mixer();
    if (shown?.dataset.ready) return;
    if (!shown) {
      pause();
      if (pack) settings.clear();
      typebeatParts.seek(0);
      pack = "";
      return;
    }
    shown.dataset.ready = "true";
    const isNew = shown.dataset.before && shown.dataset.before === pack;
    const isOther = pack !== shown.dataset.pack;
    pack = shown.dataset.pack;
    press(shown.querySelector(".mix-loop"), loop);
    for (const strip of strips()) {
      const { level: decibels, ...switches } = setting(strip.dataset.part);
      strip.querySelector(".level input").value = decibels;
      for (const button of strip.querySelectorAll("[data-switch]")) press(button, switches[button.dataset.switch]);
    }
    show();
    tell();
    focusAgain(shown);
    if (isNew) typebeat.say(shown.querySelector(".lineage")?.textContent ?? "");
    if (isOther && wanted) play();
  }

  function focusAgain(shown) {
    if (!focused || document.activeElement !== document.body) return;
    const [part, kind] = focused;
    const within = part ? strips().find((strip) => strip.dataset.part === part) : shown;
    within?.querySelector(kind)?.focus({ preventScroll: true });
  }

  // --- sound ---

  async function play(from = null) {
    wanted = true;
    typebeatPlayer.stop();
    typebeatRollSound.stop();
    typebeatLive.silence();
    const shown = mixer();
    const sources = Object.fromEntries(strips().map((strip) => [strip.dataset.part, strip.dataset.src]));
    shown.classList.add("loading");
    try {
      const plays = await typebeatParts.play(sources, Number(shown.dataset.rate), loop, () => wanted && shown.isConnected, from);
      if (plays) { typebeatParts.setLoop(loop); tell(); }
    } catch (error) {
      pause();
      typebeat.say(navigator.onLine && error.message === "gone"
        ? "This beat is no longer on the server. Its recipe makes it again."
        : "The parts could not be loaded. Check the connection and press play again.");
    } finally {
      shown.classList.remove("loading");
    }
    playing();
    if (!ticking) requestAnimationFrame(tick);
    ticking = true;
  }

  function pause() {
    wanted = false;
    typebeatParts.pause();
    playing();
    show();
  }

  function playing() {
    const button = mixer()?.querySelector(".mix-play");
    if (!button) return;
    mixer().classList.toggle("playing", typebeatParts.isPlaying());
    button.setAttribute("aria-label", typebeatParts.isPlaying() ? "Pause all parts" : "Play all parts");
  }

  function tick() {
    ticking = typebeatParts.isPlaying();
    if (!ticking) return;
    if (typebeatParts.isOver()) {
      pause();
      typebeatParts.seek(0);
    }
    show();
    requestAnimationFrame(tick);
  }

  // draws where it is and how loud: by moving what is drawn already, and writing only what has changed
  function show() {
    const shown = mixer();
    if (!shown) return;
    const { seconds, bars, beats } = shown.dataset;
    const share = typebeatParts.position() / seconds;
    for (const veil of shown.querySelectorAll(".to-come")) veil.style.transform = `translateX(${100 * share}%)`;
    shown.querySelector(".played").style.transform = `translateX(${100 * share - 100}%)`;
    for (const strip of calm() ? [] : strips()) {
      const decibels = 20 * Math.log10(typebeatParts.heard(strip.dataset.part) + 1e-6);
      const loud = Math.max(0, Math.min(1, 1 + (decibels + 6) / 48));
      strip.querySelector(".meter i").style.transform = `translateY(${100 - 100 * loud}%)`;
    }
    const beat = Math.min(Math.floor(share * bars * beats + 1e-6), bars * beats - 1);
    const whole = Math.floor(share * seconds + 1e-6);
    write(shown.querySelector(".now"), `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`);
    const seek = shown.querySelector(".mix-seek");
    if (seek.dataset.at === String(beat)) return;
    if (!seek.matches(":active")) seek.value = beat;
    seek.dataset.at = beat;
    seek.setAttribute("aria-valuetext", `bar ${Math.floor(beat / beats) + 1}, beat ${beat % beats + 1}`);
  }
  function write(element, text) { if (element.textContent !== text) element.textContent = text; }

  function seek(share) {
    const seconds = share * mixer().dataset.seconds;
    if (typebeatParts.isPlaying()) play(seconds);
    else { typebeatParts.seek(seconds); show(); }
  }

  // --- level, mute, solo, lock ---

  // gains for the ear, and what the strips show
  function tell() {
    const anySolo = strips().some((strip) => setting(strip.dataset.part).solo);
    for (const strip of strips()) {
      const { level: decibels, mute, solo, lock } = setting(strip.dataset.part);
      const isHeard = !mute && (solo || !anySolo);
      typebeatParts.setGain(strip.dataset.part, isHeard && decibels > SILENT_DB ? 10 ** (decibels / 20) : 0);
      strip.classList.toggle("silent", !isHeard);
      strip.classList.toggle("locked", lock);
      const text = decibels > SILENT_DB ? `${decibels > 0 ? "+" : decibels < 0 ? "−" : ""}${Math.abs(decibels)} dB` : "off";
      const range = strip.querySelector(".level input");
      range.style.setProperty("--filled", `${100 * (decibels - range.min) / (range.max - range.min)}%`);
      range.setAttribute("aria-valuetext", text);
      write(strip.querySelector(".level output"), text);
      const again = strip.querySelector("[data-anew]");
      if (again && !mixer().querySelector(".why-not")) {
        if (lock) again.setAttribute("aria-disabled", "true"); else again.removeAttribute("aria-disabled");
        again.title = lock ? `Unlock the ${said(strip)} first` : `Make the ${said(strip)} anew; all other parts stay as they are`;
      }
    }
    plan();
  }

  // somebody's own sound is never made anew
  const stays = (strip) => "stays" in strip.dataset;

  // what the button below makes new
  function plan() {
    const line = mixer().querySelector(".plan");
    if (!line) return;
    const isOpen = (strip) => !stays(strip) && !setting(strip.dataset.part).lock;
    const [locked, open] = [strips().filter((strip) => !isOpen(strip)), strips().filter(isOpen)].map((each) => each.map(said));
    write(line, !locked.length ? "No part is locked: all of them would be new. Lock what should stay."
      : !open.length ? "Every part is locked: nothing would be new." : `New: ${listed(open)}. Stays: ${listed(locked)}.`);
  }

  function press(button, on) { button.setAttribute("aria-pressed", String(on)); }

  function level(range, decibels) {
    range.value = decibels;
    setting(range.closest(".strip").dataset.part).level = Number(range.value);
    tell();
  }

  function moved({ target }) {
    if (target.matches(".level input")) level(target, target.value);
    if (target.matches(".mix-seek")) seek(target.value / target.max);
  }

  // a waveform may be clicked, too; keys have the ruler
  function touched(event) {
    const wave = event.target.closest(".strip-wave");
    if (!wave || event.button) return;
    const { left, width } = wave.getBoundingClientRect();
    seek(Math.max(0, Math.min(0.9999, (event.clientX - left) / width)));
  }

  function clicked(event) {
    const button = event.target.closest("button");
    if (!button) return;
    const strip = button.closest(".strip");
    if (button.matches(".mix-play")) { if (wanted) pause(); else play(); }
    if (button.matches(".mix-loop")) { loop = !loop; press(button, loop); typebeatParts.setLoop(loop); }
    if (button.dataset.switch) {
      const chosen = setting(strip.dataset.part);
      chosen[button.dataset.switch] = !chosen[button.dataset.switch];
      press(button, chosen[button.dataset.switch]);
      tell();
    }
    if (button.matches("[data-anew]")) {
      if (button.getAttribute("aria-disabled")) typebeat.say(button.title);
      else if (!typebeat.isBusy()) { ask([strip]); trigger("click"); }
    }
    if (button.matches("[data-back]") && !typebeat.isBusy()) trigger("submit");
  }

  // --- parts anew ---

  function ask(making) {
    for (const strip of strips()) strip.toggleAttribute("data-making", making.includes(strip));
    request = JSON.stringify({ of: pack, again: making.map((strip) => strip.dataset.part) });
  }
  function unlocked() {
    ask(strips().filter((strip) => !stays(strip) && !setting(strip.dataset.part).lock));
    return request;
  }
  function anew() {
    document.getElementById("anew-status").scrollIntoView({ block: "nearest", behavior: calm() ? "auto" : "smooth" });
    return request;
  }

  return { mount, pause, anew, unlocked, before: () => JSON.stringify({ of: mixer().dataset.before }) };
})();
window.typebeatMixer = typebeatMixer;
