// Plays the players of the page (.player, drawn by html.py): one at a time, without a gap where it loops.
const typebeatPlayer = (() => {
  let context = null;
  let now = null; // { player, source, buffer, began (clock of the context at position 0) }
  const decoded = new Map(); // address -> AudioBuffer
  const KEPT = 6; // decoded sounds; each takes some megabytes
  const told = { src: "", seconds: 0, playing: false, loop: false, failed: "" }; // for tests and the curious

  async function sound(src) {
    if (decoded.has(src)) return decoded.get(src);
    const answer = await fetch(src);
    if (!answer.ok) throw new Error("gone");
    const buffer = await context.decodeAudioData(await answer.arrayBuffer());
    if (decoded.size >= KEPT) decoded.delete(decoded.keys().next().value);
    decoded.set(src, buffer);
    return buffer;
  }

  const loops = (player) => player.querySelector(".loop")?.getAttribute("aria-pressed") === "true";
  const position = () => {
    const gone = context.currentTime - now.began;
    return now.source.loop ? gone % now.buffer.duration : Math.min(gone, now.buffer.duration);
  };

  function start(player, buffer, at) {
    stop();
    typebeatMixer.pause();
    typebeatRollSound.stop();
    const source = context.createBufferSource();
    source.buffer = buffer;
    source.loop = loops(player);
    source.connect(context.destination);
    source.start(0, at);
    source.onended = () => { if (now?.source === source) { stop(); show(player, 0); } };
    now = { player, source, buffer, began: context.currentTime - at };
    state(player, true);
    Object.assign(told, { src: player.dataset.src, seconds: buffer.duration, playing: true, loop: source.loop });
    requestAnimationFrame(tick);
  }

  function stop() {
    if (!now) return;
    const { player, source } = now;
    now = null;
    source.onended = null;
    source.stop();
    state(player, false);
    told.playing = false;
  }

  function state(player, playing) {
    player.classList.toggle("playing", playing);
    const button = player.querySelector(".play");
    const name = button.getAttribute("aria-label").replace(/^(Play|Pause) /, "");
    button.setAttribute("aria-label", `${playing ? "Pause" : "Play"} ${name}`);
  }

  function show(player, share) {
    player.style.setProperty("--gone", `${share * 100}%`);
    const range = player.querySelector("input");
    if (!range) return;
    range.value = Math.round(share * 1000);
    const seconds = Math.floor(share * player.dataset.seconds);
    const text = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    range.setAttribute("aria-valuetext", text);
    const now = player.querySelector(".now");
    if (now.textContent !== text) now.textContent = text; // else the page is tidied at each frame
  }

  function tick() {
    if (!now) return;
    if (!now.player.isConnected) return stop(); // the page shows something else by now
    show(now.player, position() / now.buffer.duration);
    requestAnimationFrame(tick);
  }

  async function play(player, share = 0) {
    context ??= new AudioContext();
    context.resume();
    typebeatLive.silence();
    player.classList.add("loading");
    told.failed = "";
    try {
      const buffer = await sound(player.dataset.src);
      start(player, buffer, share * buffer.duration);
    } catch (error) {
      told.failed = player.dataset.src;
      typebeat.say(navigator.onLine && error.message === "gone"
        ? "This sound is no longer on the server. Its recipe makes it again."
        : "This sound could not be loaded. Check the connection and press play again.");
    } finally {
      player.classList.remove("loading");
    }
  }

  document.addEventListener("click", (event) => {
    const player = event.target.closest(".player");
    if (!player) return;
    if (event.target.closest(".play")) {
      const share = (player.querySelector("input")?.value ?? 0) / 1000;
      if (now?.player === player) stop(); else play(player, share < 0.999 ? share : 0);
    } else if (event.target.closest(".loop")) {
      const button = event.target.closest(".loop");
      button.setAttribute("aria-pressed", String(!loops(player)));
      if (now?.player === player) start(player, now.buffer, position());
    }
  });
  document.addEventListener("input", (event) => {
    const player = event.target.closest?.(".player");
    if (!player || event.target.type !== "range") return;
    const share = event.target.value / 1000;
    if (now?.player === player) start(player, now.buffer, share * now.buffer.duration); else show(player, share);
  });
  return { stop, told };
})();
window.typebeatPlayer = typebeatPlayer;
